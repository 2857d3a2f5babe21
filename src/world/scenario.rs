use crate::{
    chain::ChainParams,
    declare::{Form, ReadKeys, RunSpan, SPAN_DAYS, params},
    market::{ImpactLaw, ImpactParams, PriceParams, law::Beliefs, rigs::RigParams},
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
    units::{DAY_S, Days, Seconds, UnixTime},
    world::{PopulationParams, freeze::CreditFreeze, terms::Terms},
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
    /// Periods without new loans.
    pub freezes: Vec<CreditFreeze>,
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
    /// This scenario without its shock, run from the same seed to find the sales that the base price contains. `None` if the law of impact compares no
    /// two histories.
    #[must_use]
    pub fn without_shock(&self) -> Option<Self> {
        let ImpactLaw::SquareRoot { .. } = self.impact.law else { return None };
        let stays = |event: &str| !self.impact.is_shock(&format!("event.{event}"));
        let mut calm = self.clone();
        if self.impact.is_shock("price") {
            calm.price.process = self.price.process.held_at_start();
        }
        calm.price.shocks.retain(|event| stays(&event.name));
        calm.chain.fees.spikes.retain(|event| stays(&event.name));
        calm.power.changes.retain(|event| stays(&event.name));
        calm.freezes.retain(|event| stays(&event.name));
        calm.curtailments.retain(|event| stays(&event.name));
        calm.bans.retain(|event| stays(&event.name));
        calm.other_uses.retain(|event| stays(&event.name));
        Some(calm)
    }

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

    /// What miners believe about hashprice.
    #[must_use]
    pub const fn beliefs(&self) -> Beliefs {
        let expectations = &self.growth.expectations;
        Beliefs {
            discount_per_year: expectations.discount_per_year,
            decline_per_year: expectations.decline_per_year,
            drift_per_year: expectations.drift_per_year,
            volatility_per_sqrt_day: self.operation.hashprice_volatility_per_sqrt_day,
        }
    }

    /// Whether somebody asks what a machine is worth: to buy, to sell or to repair it.
    #[must_use]
    pub const fn values_machines(&self) -> bool {
        matches!(self.growth.invest, Invest::Payback(_)) || self.ageing.is_some() || self.rigs.is_some()
    }

    /// Whether some sites are billed by the hour or charged for peaks.
    #[must_use]
    pub fn is_hourly(&self) -> bool {
        let regions = &self.power.regions;
        let of_classes = self.terms(0).classes.iter().map(|class| class.contract);
        let mut contracts = of_classes.chain(regions.iter().filter_map(|region| region.contract));
        contracts.any(|contract| contract.needs_spot()) || regions.iter().any(|region| region.peak_charge.is_some())
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
        self.settlement.every_days == 1 && !trades && self.keeps_its_machines() && !self.is_hourly()
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

params! {
    /// Length, step, replicas and seed.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RunParams, check {
        /// First instant: a day (midnight UTC) or an instant such as 2018-09-20T12:00:00Z.
        start: UnixTime;
        /// Length of the run.
        days: Days as SPAN_DAYS, positive(36_500.0);
        /// Interval at which information and decisions are updated: a duration that divides a day (1d, 6h, 1h, 30min), or `block`.
        step: Step, source("design") => |keys, key| keys.form_or(key, Step::Every(Seconds::new(DAY_S)));
        /// Number of simulated histories.
        replicas: u64 = 200, source("design"), within(1.0, 1e8);
        /// Seed of all random numbers.
        seed: u64 = 1, source("design");
    }
}

/// Maximum number of steps in one replica.
const MOST_TICKS: f64 = 1e7;

impl RunParams {
    fn check(&self, keys: &impl ReadKeys) {
        let ticks = match self.step {
            Step::Every(step) => self.days.get() * DAY_S / step.get(),
            Step::Block => self.days.get() * 144.0,
        };
        if ticks > MOST_TICKS {
            keys.refuse(
                "scenario::range",
                format!("the run has {ticks:.0} steps, more than {MOST_TICKS:e}"),
                ("step", "too short a step".to_owned()),
                "lengthen `run.step` or shorten `run.days`",
            );
        }
    }

    /// Its dates; `known` where they have no problem.
    #[must_use]
    pub fn span(&self, known: bool) -> RunSpan {
        let step = match self.step {
            Step::Every(step) => step,
            Step::Block => Seconds::new(600.0),
        };
        RunSpan { start: self.start, days: self.days, step, known }
    }
}

/// When information and decisions are updated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// At fixed intervals that divide a day evenly.
    Every(Seconds),
    /// At every block.
    Block,
}

impl Form for Step {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "block" {
            return Ok(Self::Block);
        }
        let form = || "`block`, or a duration that divides a day, such as 1d, 6h or 30min".to_owned();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (count, unit) = text.split_at(digits);
        let unit = match unit.trim() {
            "d" => 86_400,
            "h" => 3_600,
            "min" => 60,
            "s" => 1,
            _ => return Err(form()),
        };
        let seconds = count.parse::<u32>().ok().and_then(|count| count.checked_mul(unit)).ok_or_else(form)?;
        if seconds == 0 || 86_400 % seconds != 0 {
            return Err(form());
        }
        Ok(Self::Every(Seconds::new(f64::from(seconds))))
    }

    fn write(&self) -> String {
        let Self::Every(step) = self else { return "block".to_owned() };
        let seconds = step.get();
        for (unit, size) in [("d", DAY_S), ("h", 3_600.0), ("min", 60.0)] {
            if seconds % size == 0.0 {
                return format!("{}{unit}", seconds / size);
            }
        }
        format!("{seconds}s")
    }
}
