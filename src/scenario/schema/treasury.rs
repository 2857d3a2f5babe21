use crate::{declare::Kinds, mechanism::treasury::params::TreasuryPolicy, scenario::section::Section};

/// Reads `[class.NAME.treasury]`, or `[population.treasury]` of listed miners.
pub fn treasury(s: &mut Section<'_>, default: &'static str) -> TreasuryPolicy {
    TreasuryPolicy::read_kind(s, Some(default)).unwrap_or(TreasuryPolicy::Hold)
}
