//! Tests are "this example with this row changed".

mod example;
mod reading;
