//! Tests are "this example with this row changed".

mod csv;
mod example;
mod growth;
mod hourly;
mod layers;
mod mistakes;
mod observed;
mod reading;
mod rigs;
mod schema;
