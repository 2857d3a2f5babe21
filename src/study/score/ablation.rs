use crate::{
    mechanism::operate::rule::{Rule, RuleMix},
    power::Contract,
    scenario::Scenario,
    units::{Seconds, Usd},
    world::PopulationParams,
};

/// A mechanism of the model that is switched off to measure its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ablation {
    /// The next three together: only the cost curve remains.
    NoHysteresis,
    /// Stopping and restarting costs nothing.
    NoSwitchingCost,
    /// Lots respond and restart at once.
    NoDelay,
    /// Every lot decides by the naive rule.
    NoRuleMix,
    /// No machine runs at reduced power.
    NoEcoMode,
    /// No firm has debt.
    NoDebt,
    /// No machine that was on order at the start is delivered.
    NoDeliveries,
    /// No site stops or sells its power at peak prices.
    NoDemandResponse,
}

impl Ablation {
    /// All ablations, in the order in which they are reported.
    pub const ALL: [Self; 8] = [
        Self::NoHysteresis,
        Self::NoSwitchingCost,
        Self::NoDelay,
        Self::NoRuleMix,
        Self::NoEcoMode,
        Self::NoDebt,
        Self::NoDeliveries,
        Self::NoDemandResponse,
    ];

    /// The name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoHysteresis => "no hysteresis",
            Self::NoSwitchingCost => "no switching cost",
            Self::NoDelay => "no delay",
            Self::NoRuleMix => "all naive",
            Self::NoEcoMode => "no eco mode",
            Self::NoDebt => "no debt",
            Self::NoDeliveries => "no deliveries",
            Self::NoDemandResponse => "no demand response",
        }
    }

    /// The scenario without the mechanism; `None` if the scenario does not have the mechanism.
    #[must_use]
    pub fn applied(self, scenario: &Scenario) -> Option<Scenario> {
        let mut changed = scenario.clone();
        match self {
            Self::NoHysteresis => {
                without_switching_cost(&mut changed);
                without_delay(&mut changed);
                all_naive(&mut changed);
            }
            Self::NoSwitchingCost => without_switching_cost(&mut changed),
            Self::NoDelay => without_delay(&mut changed),
            Self::NoRuleMix => all_naive(&mut changed),
            Self::NoEcoMode => {
                if let PopulationParams::Drawn { fleet, .. } = &mut changed.population {
                    for part in fleet {
                        part.eco = false;
                    }
                }
            }
            Self::NoDeliveries => changed.growth.orders = None,
            Self::NoDemandResponse => {
                if let PopulationParams::Drawn { classes, .. } = &mut changed.population {
                    classes.iter_mut().map(|class| &mut class.contract).for_each(unresponsive);
                }
                changed.power.regions.iter_mut().filter_map(|region| region.contract.as_mut()).for_each(unresponsive);
            }
            Self::NoDebt => match &mut changed.population {
                PopulationParams::Drawn { classes, .. } => {
                    for class in classes {
                        class.debt_usd_per_th = 0.0;
                        class.loans.clear();
                    }
                }
                PopulationParams::Listed(rows) => {
                    for row in rows {
                        row.debt = Usd::ZERO;
                    }
                }
            },
        }
        (changed != *scenario).then_some(changed)
    }
}

fn without_switching_cost(scenario: &mut Scenario) {
    scenario.operation.switching_cost_median_usd_per_ph = 0.0;
    if let PopulationParams::Listed(rows) = &mut scenario.population {
        for row in rows {
            (row.shutdown_margin, row.restart_margin) = (0.0, 0.0);
        }
    }
}

fn without_delay(scenario: &mut Scenario) {
    scenario.operation.response = Seconds::ZERO;
    scenario.operation.restart_delays.clear();
}

/// Lots of listed miners have no rule but their margins.
fn all_naive(scenario: &mut Scenario) {
    if let PopulationParams::Drawn { classes, .. } = &mut scenario.population {
        for class in classes {
            class.rules = RuleMix::from_iter([(Rule::Naive, 1.0)]);
        }
    }
}

/// Removes the response to spot prices from a contract.
fn unresponsive(contract: &mut Contract) {
    match contract {
        Contract::Indexed { responds, .. } => *responds = false,
        Contract::PpaResale { .. } => *contract = Contract::default(),
        Contract::Fixed { .. } | Contract::Hosting { .. } | Contract::Utility { .. } | Contract::Captive { .. } => {}
    }
}
