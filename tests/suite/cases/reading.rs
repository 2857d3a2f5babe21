//! Scenario files and data files as people have them: cases in which the program was found wrong, each as a test with the right value.
