//! Loans, margin calls, pledges and what is owed: cases in which the program was found wrong, each as a test with the right value.
