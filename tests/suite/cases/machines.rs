//! Prices of machines, purchases and what buyers expect: cases in which the program was found wrong, each as a test with the right value.
