//! Machines break, age and are repaired. The values are in [`crate::hardware::Ageing`].

mod act;

pub use act::Wear;
