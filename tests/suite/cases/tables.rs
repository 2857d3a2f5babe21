//! What tables, charts and page say: cases in which the program was found wrong, each as a test with the right value.
