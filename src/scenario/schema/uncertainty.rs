use super::calibrate::prior;
use crate::{
    declare::{Params, ReadKeys},
    scenario::{section::Section, uncertainty::Uncertainty},
};

/// Reads `[uncertainty]`.
pub fn uncertainty(s: &mut Section<'_>) -> Uncertainty {
    let read = Uncertainty::read(s);
    let priors = s.each("prior", "An assumption to be drawn, by a name that you choose.", &prior);
    Uncertainty { priors, ..read }
}
