use crate::units::{Efficiency, Hashrate};

/// A model of mining machine, as its maker states it.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// The name by which a scenario calls it.
    pub model: String,
    /// Hashrate of one unit.
    pub hashrate: Hashrate,
    /// Energy per hash at the machine's own plug, at full power.
    pub efficiency: Efficiency,
    /// Month of release, (year, month).
    pub release: (i16, i8),
}
