use crate::{
    chain::ChainParams,
    market::{ImpactParams, PriceParams, rigs::RigParams},
    mechanism::{
        consolidation::rule::ConsolidationParams,
        disruption::{Curtailment, RegionalBan},
        distress::rule::Workout,
        growth::params::GrowthParams,
        operate::params::OperationParams,
        treasury::params::SettlementParams,
    },
    power::{Contract, PowerParams},
    units::{Days, Seconds, UnixTime},
    world::{PopulationParams, lenders::LenderParams, terms::Terms},
};

/// A scenario with every value known: what the engine runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Shown on charts.
    pub title: String,
    /// What it is meant to answer.
    pub question: String,
    /// Headline numbers that answer it, by name; empty for the usual ones.
    pub answers: Vec<String>,
    /// Length, step, replicas.
    pub run: RunParams,
    /// The chain at the start.
    pub chain: ChainParams,
    /// The coin's price.
    pub price: PriceParams,
    /// How miners' sales move it.
    pub impact: ImpactParams,
    /// Who mines.
    pub population: PopulationParams,
    /// How lots are operated.
    pub operation: OperationParams,
    /// Power terms.
    pub power: PowerParams,
    /// Bills.
    pub settlement: SettlementParams,
    /// What is tried before a firm is liquidated; `None` winds it up at once.
    pub distress: Option<Workout>,
    /// How lenders react to losses.
    pub lenders: LenderParams,
    /// How machines are traded, where they are.
    pub rigs: Option<RigParams>,
    /// When firms are bought by others, where they are.
    pub consolidation: Option<ConsolidationParams>,
    /// Machines forced off, in order of time.
    pub curtailments: Vec<Curtailment>,
    /// How machines come and go.
    pub growth: GrowthParams,
    /// Bans on mining, in order of time.
    pub bans: Vec<RegionalBan>,
}

impl Scenario {
    /// Whether the contracts of some sites have them respond to spot prices.
    #[must_use]
    pub fn responds(&self) -> bool {
        let classes = self.terms(0).classes;
        let regions = &self.power.regions;
        regions.iter().any(|region| {
            region.spot.is_some()
                && classes.iter().map(|class| class.contract).chain(region.contract).any(|c| c.responds())
        })
    }

    /// Whether firms may rest: they settle every day, and nobody looks at what another has in between.
    #[must_use]
    pub fn lets_firms_rest(&self) -> bool {
        let trades = self.rigs.is_some() || self.consolidation.is_some();
        self.settlement.every_days == 1 && !trades && self.growth.is_still() && !self.responds()
    }

    /// What lots of machines follow from in a replica.
    #[must_use]
    pub fn terms(&self, replica: u64) -> Terms<'_> {
        let classes = match &self.population {
            PopulationParams::Drawn { classes, .. } => classes.as_slice(),
            PopulationParams::Listed(_) => &[],
        };
        Terms {
            operation: &self.operation,
            power: &self.power,
            classes,
            seed: self.run.seed,
            replica,
            contract: Contract::default(),
        }
    }
}

/// Length, step, replicas and seed.
#[derive(Clone, Debug, PartialEq)]
pub struct RunParams {
    /// First instant.
    pub start: UnixTime,
    /// Length.
    pub days: Days,
    /// When information and decisions are renewed.
    pub step: Step,
    /// How many histories.
    pub replicas: u64,
    /// Of all randomness.
    pub seed: u64,
}

/// When information and decisions are renewed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Every so often; divides a day evenly.
    Every(Seconds),
    /// At every block.
    Block,
}
