//! Values that are allowed and unlikely: cases in which the program was found wrong, each as a test with the right value.
