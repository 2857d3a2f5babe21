use std::{path::Path, sync::LazyLock};

use super::{
    schema::scenario,
    section::{Reading, Section},
    shape::{Shape, Spec},
    source::{Disk, Sources},
};
use crate::declare::KeyPrior;

/// What may be written in a scenario.
#[must_use]
pub fn describe() -> Shape {
    let no_files = Disk::default();
    let reading = Reading::new(Sources::default(), &no_files, Path::new(""));
    let mut section = Section::description(&reading);
    scenario(&mut section);
    section.finish()
}

/// Computed once: a sweep reads a scenario at each of its points.
pub(super) static SHAPE: LazyLock<Shape> = LazyLock::new(describe);

/// The prior that a key is declared with, by its dotted name; none where there is no such key.
#[must_use]
pub fn prior_of(key: &str) -> Option<KeyPrior> {
    let (tables, last) = key.rsplit_once('.').unwrap_or(("", key));
    let mut shape: &Shape = &SHAPE;
    for table in tables.split('.').filter(|table| !table.is_empty()) {
        shape = shape.child(table)?;
    }
    match &shape.fields.iter().find(|field| field.name == last)?.spec {
        Spec::Value(spec) => spec.key.prior,
        Spec::Table(_) => None,
    }
}
