use crate::hardware::{self, Machine};

/// The machines that a scenario can name.
pub trait Machines {
    /// The machine of this name.
    fn find(&self, name: &str) -> Option<Machine>;
    /// Names that a user who wrote `name` may have meant, the most likely first.
    fn nearest(&self, name: &str) -> Vec<String>;
}

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
