//! What charts and page need of the folder of a sweep.
//!
//! [`table`] reads `sweep.csv` in passes and bounded memory; which chart suits a design is decided in
//! [`crate::figure::sweep`].

#[cfg(test)]
pub(crate) mod fixture;
pub mod headline;
pub(crate) mod ranking;
pub mod spread;
pub mod table;
