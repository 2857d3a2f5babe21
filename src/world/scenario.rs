use crate::{
    chain::ChainParams,
    market::{ImpactParams, PriceParams, rigs::RigParams},
    mechanism::{
        consolidation::params::ConsolidationParams,
        disruption::{Curtailment, RegionalBan},
        distress::params::Workout,
        growth::params::{GrowthParams, Invest},
        operate::params::OperationParams,
        other_use::params::OtherUse,
        treasury::params::SettlementParams,
        wear::params::Ageing,
    },
    power::{Contract, PowerParams},
    units::{Days, Seconds, UnixTime},
    world::{PopulationParams, lenders::LenderParams, terms::Terms},
};

/// A complete scenario, with all defaults filled in: the input of the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Title shown on charts.
    pub title: String,
    /// The question that the scenario is meant to answer.
    pub question: String,
    /// Names of the metrics that answer it; empty for the usual ones.
    pub answers: Vec<String>,
    /// Length, step, replicas.
    pub run: RunParams,
    /// The chain at the start.
    pub chain: ChainParams,
    /// The coin's price.
    pub price: PriceParams,
    /// How miners' sales move the price.
    pub impact: ImpactParams,
    /// The miners.
    pub population: PopulationParams,
    /// How lots are operated.
    pub operation: OperationParams,
    /// Power terms.
    pub power: PowerParams,
    /// Settlement of bills.
    pub settlement: SettlementParams,
    /// Procedures before a firm is liquidated; `None` liquidates it at once.
    pub distress: Option<Workout>,
    /// How lenders react to losses.
    pub lenders: LenderParams,
    /// Terms of the trade in used machines, if there is one.
    pub rigs: Option<RigParams>,
    /// When firms are bought by others, if they are.
    pub consolidation: Option<ConsolidationParams>,
    /// Curtailments of machines, in order of time.
    pub curtailments: Vec<Curtailment>,
    /// How machines come and go.
    pub growth: GrowthParams,
    /// How machines wear; `None` disables wear.
    pub ageing: Option<Ageing>,
    /// Other uses of sites, in order of time.
    pub other_uses: Vec<OtherUse>,
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

    /// Whether no machine is added, scrapped or displaced.
    #[must_use]
    pub fn keeps_its_machines(&self) -> bool {
        let growth = &self.growth;
        let grows = growth.orders.is_some() || growth.invest != Invest::None;
        !grows && self.ageing.is_none() && self.other_uses.is_empty()
    }

    /// Whether firms may be dormant: they settle every day, and no mechanism reads their accounts in between.
    #[must_use]
    pub fn lets_firms_rest(&self) -> bool {
        let trades = self.rigs.is_some() || self.consolidation.is_some();
        self.settlement.every_days == 1 && !trades && self.keeps_its_machines() && !self.responds()
    }

    /// Terms of operation of lots in a replica.
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
    /// When information and decisions are updated.
    pub step: Step,
    /// Number of replicas.
    pub replicas: u64,
    /// Seed of all random numbers.
    pub seed: u64,
}

/// When information and decisions are updated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// At fixed intervals that divide a day evenly.
    Every(Seconds),
    /// At every block.
    Block,
}
