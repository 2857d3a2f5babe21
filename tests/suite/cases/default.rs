//! Firms that cannot pay: partial default, restructuring, Chapter 11, liquidation: cases in which the program was found wrong, each as a test with the right value.
