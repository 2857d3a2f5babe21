//! The chain and its closed forms: cases in which the program was found wrong, each as a test with the right value.
