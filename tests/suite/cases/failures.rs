//! A replica, point or particle that cannot run: cases in which the program was found wrong, each as a test with the right value.
