//! Machines come, wear, are bought and leave: what the step calls for it, and the state of it.

use super::{
    record::{EventRecord, Observer},
    step::Simulation,
};
use crate::{
    chain::{Chain, subsidy::next_halving},
    miner::{
        GrowthParams, Invest, PopulationParams,
        act::{Arrival, Conversion, Deliveries, Entering, Ground, Investing, Placed, Turn, Wear},
        decide::buy_rigs::{Ahead, HALVINGS_AHEAD, Hurdle, Outlook, left_by_halving},
        inventory::Inventory,
        ladder::returning,
        population::Population,
    },
    random::{Draw, Purpose},
    scenario::Scenario,
    units::{Days, Hashprice, Hashrate, Sats, Seconds, UnixTime, UsdPerBtc},
};
use std::{collections::VecDeque, sync::Arc};

/// Epochs over which an adaptive miner sees difficulty grow.
const EPOCHS_SEEN: usize = 6;
const YEAR_DAYS: f64 = 365.0;
const DAY: f64 = 86_400.0;
const SPACING_S: f64 = 600.0;
const BLOCKS_PER_DAY: f64 = DAY / SPACING_S;

/// Machines on their way, worn, broken or gone.
#[derive(Clone, Debug, Default)]
pub struct Growth<'a> {
    pub(super) inventory: Inventory,
    pub(super) deliveries: Deliveries,
    wear: Option<Wear<'a>>,
    investing: Option<Investing<'a>>,
    entering: Option<Entering<'a>>,
    conversion: Option<Conversion<'a>>,
    /// When the last epochs began, s, and the difficulties of their first blocks, for those who learn from them.
    epochs: VecDeque<(f64, f64)>,
    /// Days whose arrivals are over.
    days: u64,
    told: Told,
}

/// What had come, gone and been ordered when the last day was written down, MH/s.
#[derive(Clone, Copy, Debug, Default)]
struct Told {
    delivered: u64,
    scrapped: u64,
    failed: u64,
    ordered: u64,
}

impl<'a> Growth<'a> {
    /// At the start of a history in which so much hashrate runs on this chain.
    pub(super) fn open(
        scenario: &'a Scenario,
        replica: u64,
        population: &Population,
        running_mh: u64,
        chain: &Chain,
    ) -> Self {
        let params = &scenario.growth;
        let coming = params.models.len();
        let draw = |purpose| Draw::new(scenario.run.seed, replica, purpose);
        let mut growth = Self {
            inventory: Inventory::open(population),
            deliveries: Deliveries::open(params.orders.as_ref(), coming, population, running_mh, draw(Purpose::Trend)),
            ..Self::default()
        };
        // Where the tip closes an epoch, the difficulty at the start is that of the next one, which is noted when it begins.
        if !chain.epochs().closes(chain.height()) {
            growth.note_epoch(chain.epoch_start().get(), chain.difficulty());
        }
        growth.wear = params.ageing.as_ref().map(|ageing| {
            Wear::new(ageing, draw(Purpose::Failure), draw(Purpose::Age), oldest(scenario, population.models.len()))
        });
        growth.conversion =
            (!params.other_uses.is_empty()).then(|| Conversion::new(&params.other_uses, draw(Purpose::Conversion)));
        match &params.invest {
            Invest::None => {}
            Invest::Payback(payback) => {
                let hurdle = hurdle(params, payback.payback);
                let draws = (draw(Purpose::DeliveryLag), draw(Purpose::SiteLead));
                let entrants = scenario.terms(replica).classes.iter().map(|class| class.entrant_mw).collect();
                growth.investing = Some(Investing::new(payback, hurdle, coming, draws, entrants, population));
            }
            Invest::Barrier(barrier) => {
                growth.entering = Some(Entering::new(&barrier.barrier, &barrier.offers, coming));
            }
        }
        growth
    }

    /// An epoch has begun, at this difficulty: it counts whether that is another than before or not.
    pub(super) fn note_epoch(&mut self, now: f64, difficulty: f64) {
        if self.epochs.len() > EPOCHS_SEEN {
            self.epochs.pop_front();
        }
        self.epochs.push_back((now, difficulty));
    }

    /// Rate at which difficulty grew over the last epochs, 1/year; `None` until so many have passed.
    fn trend_per_year(&self) -> Option<f64> {
        let (Some(&(then, before)), Some(&(now, after))) = (self.epochs.front(), self.epochs.back()) else {
            return None;
        };
        (self.epochs.len() > EPOCHS_SEEN).then(|| libm::log(after / before) / ((now - then) / DAY / YEAR_DAYS))
    }

    /// Delivered since the last day was written down, EH/s.
    pub(super) fn delivered_today(&self) -> f64 {
        Hashrate::from_mh(self.inventory.delivered_mh - self.told.delivered).eh()
    }

    /// Ordered since the last day was written down, EH/s.
    pub(super) fn ordered_today(&self) -> f64 {
        Hashrate::from_mh(self.ordered_mh() - self.told.ordered).eh()
    }

    /// Scrapped since the last day was written down, EH/s.
    pub(super) fn scrapped_today(&self) -> f64 {
        Hashrate::from_mh(self.inventory.scrapped_mh - self.told.scrapped).eh()
    }

    /// Of those that failed since the last day was written down, EH/s.
    pub(super) fn failed_today(&self) -> f64 {
        Hashrate::from_mh(self.inventory.failed_mh - self.told.failed).eh()
    }

    /// Ordered and not yet delivered, EH/s.
    pub(super) fn on_order(&self) -> f64 {
        Hashrate::from_mh(self.deliveries.on_order_mh()).eh()
    }

    /// Waiting for repair, EH/s.
    pub(super) fn broken(&self) -> f64 {
        Hashrate::from_mh(self.inventory.broken_mh).eh()
    }

    /// Power that has gone to another use, MW.
    pub(super) fn converted_mw(&self) -> f64 {
        self.conversion.as_ref().map_or(0.0, Conversion::converted)
    }

    fn ordered_mh(&self) -> u64 {
        self.investing.as_ref().map_or(0, |investing| investing.ordered_mh)
    }

    /// The day has been written down.
    pub(super) fn close_day(&mut self) {
        self.told = Told {
            delivered: self.inventory.delivered_mh,
            scrapped: self.inventory.scrapped_mh,
            failed: self.inventory.failed_mh,
            ordered: self.ordered_mh(),
        };
    }
}

/// How machines are reckoned with that must pay for themselves within a time.
fn hurdle(params: &GrowthParams, payback: Days) -> Hurdle {
    let expectations = &params.expectations;
    Hurdle { payback, discount_per_year: expectations.discount_per_year, life: expectations.life }
}

/// How old machines of each model can be at the start, s: since the release of the fleet's, else of any age.
fn oldest(scenario: &Scenario, models: usize) -> Vec<f64> {
    let mut oldest = vec![f64::INFINITY; models];
    if let PopulationParams::Drawn { fleet, .. } = &scenario.population {
        for (age, part) in oldest.iter_mut().zip(fleet) {
            let (year, month) = part.machine.release;
            let released = UnixTime::parse(&format!("{year}-{month:02}-01"));
            *age = released.map_or(f64::INFINITY, |released| scenario.run.start.since(released).get().max(0.0));
        }
    }
    oldest
}

/// What moves machines, and the firms whose day it is.
struct Movers<'s, 'a> {
    deliveries: &'s mut Deliveries,
    wear: Option<&'s mut Wear<'a>>,
    investing: Option<&'s mut Investing<'a>>,
    entering: Option<Entering<'a>>,
    conversion: Option<&'s mut Conversion<'a>>,
    today: &'s [u32],
}

impl<'a> Simulation<'a> {
    /// Where machines stand, and what moves them on a day of the calendar.
    fn ground(&mut self, today: usize) -> (Ground<'_>, Movers<'_, 'a>) {
        let Growth { inventory, deliveries, wear, investing, entering, conversion, .. } = &mut self.growth;
        let lenders = self.distress.lenders.appetite(&self.scenario.lenders, self.ledger.total_debt.usd(), self.now);
        let ground = Ground {
            population: Arc::make_mut(&mut self.population),
            fleet: &mut self.fleet,
            ledger: &mut self.ledger,
            inventory,
            resale: self.resale.as_mut(),
            terms: self.scenario.terms(self.replica),
            lenders_ready: lenders.share(),
            now: self.now,
        };
        let movers = Movers {
            deliveries,
            wear: wear.as_mut(),
            investing: investing.as_mut(),
            entering: *entering,
            conversion: conversion.as_mut(),
            today: &self.calendar[today],
        };
        (ground, movers)
    }

    /// At the beginning of a day machines arrive, come back from repair, wear, and lose their place to another use.
    pub(super) fn arrive(&mut self, price: UsdPerBtc, observer: &mut impl Observer) {
        let params = &self.scenario.growth;
        if self.growth.days > self.days || params.is_still() {
            return;
        }
        self.growth.days = self.days + 1;
        let (today, outlook) = (self.today(self.days), self.outlook());
        let hurdle = hurdle(params, Days::ZERO);
        let between = f64::from(self.scenario.settlement.every_days);
        let reward = self.chain.reward() * price;
        // On its first day a firm's machines have worn since the start.
        #[expect(clippy::cast_precision_loss, reason = "days between settlements")]
        let worn = if self.now < between * DAY { today as f64 } else { between };
        let (mut arrivals, mut turns): (Vec<Arrival>, Vec<Turn>) = (Vec::new(), Vec::new());
        let (mut ground, movers) = self.ground(today);
        movers.deliveries.arrive_of_book(&mut ground, movers.today, between, &mut arrivals);
        movers.deliveries.arrive(&mut ground, &mut arrivals);
        if let Some(entering) = movers.entering {
            entering.enter(&mut ground, reward);
        }
        if let Some(wear) = movers.wear {
            wear.join(&ground, &arrivals);
            wear.mend(&mut ground);
            for &firm in movers.today {
                wear.wear(&mut ground, firm as usize, worn, &outlook, &hurdle);
            }
        }
        if let Some(conversion) = movers.conversion {
            conversion.finish(&mut ground, &mut turns);
        }
        for Arrival { firm, hashrate, .. } in arrivals {
            self.tell_firm("delivery", firm, hashrate, 0.0, observer);
        }
        for Turn { kind, firm, hashrate } in turns {
            self.tell_firm(kind, firm, hashrate, 0.0, observer);
        }
    }

    /// At the end of its day of the month a firm decides whether to buy machines, and whether to give a site to another use.
    pub(super) fn invest(&mut self, observer: &mut impl Observer) {
        if self.growth.investing.is_none() && self.growth.conversion.is_none() {
            return;
        }
        let (today, outlook, ahead) = (self.today(self.days - 1), self.outlook(), self.ahead());
        let between = f64::from(self.scenario.settlement.every_days);
        let (mut placed, mut turns): (Vec<Placed>, Vec<Turn>) = (Vec::new(), Vec::new());
        let (mut ground, movers) = self.ground(today);
        if let Some(conversion) = movers.conversion {
            conversion.decide(&mut ground, movers.today, between, &mut turns);
        }
        if let Some(investing) = movers.investing {
            investing.order(&mut ground, movers.deliveries, movers.today, (&outlook, &ahead), &mut placed);
        }
        for Placed { firm, hashrate, usd, lent_usd, enters } in placed {
            self.tell_firm(if enters { "entry" } else { "order" }, firm, hashrate, usd, observer);
            if lent_usd > 0.0 {
                self.tell_firm("loan_drawn", firm, Hashrate::ZERO, lent_usd, observer);
            }
        }
        for Turn { kind, firm, hashrate } in turns {
            self.tell_firm(kind, firm, hashrate, 0.0, observer);
        }
    }

    /// What miners expect of hashprice.
    #[expect(clippy::cast_precision_loss, reason = "heights are far below 2^53")]
    pub(super) fn outlook(&self) -> Outlook {
        let expectations = &self.scenario.growth.expectations;
        let mut decline_per_year = expectations.decline_per_year;
        if expectations.adaptive {
            decline_per_year = self.growth.trend_per_year().map_or(decline_per_year, |trend| trend.max(0.0));
        }
        let (height, fees) = (self.chain.height(), self.chain.fees());
        let hashprice = self.ahead().hashprice(0.0);
        let mut subsidy = self.chain.subsidy();
        let mut next = next_halving(height + 1);
        let halvings = std::array::from_fn(|_| {
            let ahead = Days::from(Seconds::new((next - height) as f64 * SPACING_S));
            let left = left_by_halving(subsidy, fees, expectations.halving_share);
            subsidy = Sats::new(subsidy.get() / 2);
            next = next_halving(next);
            (ahead, left)
        });
        debug_assert_eq!(halvings.len(), HALVINGS_AHEAD);
        Outlook { hashprice, decline_per_year, halvings }
    }

    /// What everyone knows of hashprice: price and reward, what runs, what is on order.
    fn ahead(&self) -> Ahead {
        let (reward, price) = (self.chain.reward(), self.quote());
        let spot = Hashprice::earned(self.chain.difficulty(), reward, price);
        let runs = self.running() + returning(&self.population, &self.fleet, spot.get());
        let adds_ph = self.growth.deliveries.adds_ph(&self.population, &self.fleet, &self.ledger);
        Ahead { spot, usd_per_day: BLOCKS_PER_DAY * (reward * price).get(), known_ph: runs.ph() + adds_ph }
    }

    fn tell_firm(
        &self,
        kind: &'static str,
        firm: usize,
        hashrate: Hashrate,
        amount_usd: f64,
        observer: &mut impl Observer,
    ) {
        let firm = &self.population.firms.name[firm];
        let time = Seconds::new(self.now);
        observer.on_event(&EventRecord { time, kind, firm, hashrate, amount_usd, amount_btc: 0.0 });
    }
}
