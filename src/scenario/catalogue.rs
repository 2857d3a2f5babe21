use super::section::Machines;
use crate::hardware::{self, Machine};

/// The machine catalogue shipped with the project.
pub struct Catalogue;

impl Machines for Catalogue {
    fn find(&self, name: &str) -> Option<Machine> {
        hardware::find(name)
    }

    fn nearest(&self, name: &str) -> Vec<String> {
        hardware::nearest(name)
    }
}
