//! The book: what the model is, what it assumes, how the code is laid out, and its terms.
