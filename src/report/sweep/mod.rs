//! What charts and page need of the folder of a sweep.
//!
//! [`table`] reads `sweep.csv` in passes and bounded memory; which chart suits a design is decided in
//! [`crate::figure::sweep`].

pub mod answer;
pub mod factor;
#[cfg(test)]
pub(crate) mod fixture;
pub mod outcome;
pub(crate) mod ranking;
pub mod spread;
pub mod table;

pub use answer::Findings;
