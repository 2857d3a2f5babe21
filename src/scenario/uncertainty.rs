use super::calibration::DeclaredPrior;
use crate::declare::params;

params! {
    /// The assumptions that are drawn in each replica: `[uncertainty]` of a scenario.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Uncertainty {
        /// Whether each replica is simulated a second time, with drawn assumptions; `--uncertain` sets it.
        enabled: bool = true, source("design");
        /// In the order of declaration; empty for the usual ones.
        priors: Vec<DeclaredPrior> => |_, _| Vec::new();
    }
}
