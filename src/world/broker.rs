//! The market of used machines at work: what is offered, the weekly clearing, machines on the road.
//!
//! Firms that failed, firms short of cash and lenders sell through a broker, who auctions what he is given; to firms that live and to lenders he advances what outside buyers
//! would give for the last of as many and of all that is on offer, less his fee, and asks as much. What an auction brings beyond that he passes on; what nobody takes for it is his own, and sold at any price later. Members of cohorts that give up offer their machines themselves. An offered machine has left its site. Once a week each model is cleared, by auction or at the price of the reduced form
//! ([`crate::market::rigs`]): miners with cash above their buffers and power to spare bid what a machine is worth at their site, buyers
//! outside what it is worth at theirs, and scrap dealers the price of scrap. What a miner has bought arrives after `transport_days`, and is on offer again
//! where its place has been taken meanwhile; what outsiders or scrap dealers have bought has left the network.
//!
//! Money: the buyer pays price and freight, the seller gets the price less the broker's fee. What the broker gains leaves the model, and is told (`broker_gain_usd`).
//!
//! **Known error.** Bids and reserves use hashprice of the day, and full power: eco mode is not valued. A firm bids for its
//! cheapest site with room. In the reduced form any number is taken at the price.

use crate::{
    market::rigs::{AuctionParams, Pricing, RigParams, Trailing, ValueCurve, auction::inverse_demand_usd_per_th},
    units::{Efficiency, Hashprice, Hashrate, PowerPrice},
    world::{
        fleet::Fleet,
        lots::{LotKind, index},
        population::Population,
        site::Model,
        terms::Terms,
    },
};
use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
};

/// Days between clearings.
pub const WEEK: u64 = 7;

/// The seller of what the broker has bought.
pub const BROKER: u32 = u32::MAX;

/// Machines on offer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// The firm, or [`BROKER`].
    pub seller: u32,
    /// Index of the model.
    pub model: u16,
    /// How many.
    pub units: u32,
    /// Lowest price, USD/(TH/s).
    pub ask_usd_per_th: f64,
    /// For whom the broker has them, and what he advanced, USD/(TH/s); nobody where they are his own or the seller's.
    pub advance: Option<(u32, f64)>,
}

/// Machines on the road.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parcel {
    /// Where they go.
    pub site: u32,
    /// Index of the model.
    pub model: u16,
    /// How many.
    pub units: u32,
    /// When they arrive, s.
    pub due: f64,
}

/// Where machines of a model are that stand at no site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// On offer.
    pub listed: u64,
    /// Bought and on the road.
    pub transit: u64,
    /// Sold to buyers outside the network.
    pub outside: u64,
    /// Sold as scrap.
    pub scrapped: u64,
}

impl Whereabouts {
    /// Machines that stand at no site.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.listed + self.transit + self.outside + self.scrapped
    }
}

/// A model in the market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelMarket {
    /// Price now, USD/(TH/s).
    pub price_usd_per_th: f64,
    /// What a machine is worth to a buyer outside, USD/(TH/s).
    pub value_usd_per_th: f64,
    /// Machines traded at the last clearing.
    pub traded: u64,
    /// Where its machines are.
    pub whereabouts: Whereabouts,
    /// Price at the start, USD/(TH/s).
    pub reference_usd_per_th: f64,
    /// Machines at the start.
    pub at_start: u64,
    pub generation: usize,
}

/// The market of used machines.
#[derive(Clone, Debug)]
pub struct Resale {
    pub params: RigParams,
    pub curve: ValueCurve,
    pub start: Hashprice,
    pub trailing: Trailing,
    pub models: Vec<ModelMarket>,
    pub offers: Vec<Offer>,
    pub parcels: VecDeque<Parcel>,
    /// Power promised to machines on the road, by site, mW.
    pub promised_mw: Vec<u64>,
    /// What sellers had at the clearings, and what buyers paid, USD.
    pub gross_usd: (f64, f64),
    /// What firms had for machines from buyers and broker, USD.
    pub to_firms_usd: f64,
    /// What firms paid for machines, USD.
    pub by_firms_usd: f64,
    /// For which consignment the broker takes machines now, and whether he pays an advance.
    pub account: (u32, bool),
    /// What the last auction brought beyond advances, by consignment: USD, and MH/s of machines without an advance.
    pub more: BTreeMap<usize, (f64, u64)>,
    /// Cohorts that have offered their last machines.
    pub leaving: Vec<usize>,
    /// How often the price or the offers of any model have changed.
    pub version: u64,
    /// Worth of all machines of each firm, USD, with the versions of market and firm that it holds for: lenders ask every day.
    worths: Vec<Cell<(u64, u64, f64)>>,
}

impl Resale {
    /// The market at the start.
    #[must_use]
    pub fn new(params: RigParams, population: &Population, terms: &Terms<'_>, start: Hashprice) -> Self {
        let mut resale = Self {
            curve: ValueCurve::new(&params.value),
            params,
            start,
            trailing: Trailing::new(start),
            models: Vec::new(),
            offers: Vec::new(),
            parcels: VecDeque::new(),
            promised_mw: vec![0; population.sites.len()],
            gross_usd: (0.0, 0.0),
            to_firms_usd: 0.0,
            by_firms_usd: 0.0,
            account: (0, true),
            more: BTreeMap::new(),
            leaving: Vec::new(),
            version: 1,
            worths: vec![Cell::default(); population.firms.len()],
        };
        resale.meet_models(population, terms, start);
        for lot in 0..population.lots.len() {
            let model = population.lots.model[lot] as usize;
            resale.models[model].at_start += u64::from(population.lots.units[lot]);
        }
        resale
    }

    /// The terms of the market.
    #[must_use]
    pub const fn params(&self) -> &RigParams {
        &self.params
    }

    /// The models, as the population counts them.
    #[must_use]
    pub fn models(&self) -> &[ModelMarket] {
        &self.models
    }

    /// Price of a model's machines, USD/(TH/s).
    #[must_use]
    pub fn price_usd_per_th(&self, model: usize) -> f64 {
        self.models[model].price_usd_per_th
    }

    /// Price at which so many machines of a model could be sold within a week, USD/(TH/s): in an auction, what outside buyers would give for
    /// the last of them, if that is less than the price of now.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
    pub fn price_of_many_usd_per_th(&self, model: usize, units: u64) -> f64 {
        let price = self.price_usd_per_th(model);
        match self.params.pricing {
            Pricing::Reduced(_) => price,
            Pricing::Auction(auction) => {
                let value = self.models[model].value_usd_per_th - self.params.freight_usd_per_th;
                let depth = inverse_demand_usd_per_th(value, self.usual_units(&auction, model), units as f64);
                depth.min(price).max(self.params.scrap_usd_per_th)
            }
        }
    }

    /// Q0 of a model: a share of its machines of the start; of one that came later, as many as of the mean model.
    #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
    pub fn usual_units(&self, auction: &AuctionParams, model: usize) -> f64 {
        let at_start = self.models[model].at_start;
        let known = || self.models.iter().map(|market| market.at_start).filter(|&machines| machines > 0);
        let machines =
            if at_start > 0 { at_start as f64 } else { known().sum::<u64>() as f64 / known().count().max(1) as f64 };
        auction.outside_share_per_week * machines
    }

    /// What so many machines of a lot would bring at once, less the broker's fee, USD: he pays what outside buyers would give for the last of
    /// them and of all that is on offer already.
    #[must_use]
    pub fn worth_usd(&self, population: &Population, lot: usize, units: u32) -> f64 {
        let model = population.lots.model[lot] as usize;
        let th = population.models[model].unit.th() * f64::from(units);
        let glut = u64::from(units) + self.models[model].whereabouts.listed;
        self.price_of_many_usd_per_th(model, glut) * th * (1.0 - self.params.broker_fee)
    }

    /// What all machines of a firm are worth, USD: `find` is called only if the market or the firm's machines have changed since the last time.
    pub fn worth_of_firm_usd(&self, firm: usize, firm_version: u64, find: impl FnOnce() -> f64) -> f64 {
        let (version, of_firm, usd) = self.worths[firm].get();
        if (version, of_firm) == (self.version, firm_version) {
            return usd;
        }
        let usd = find();
        self.worths[firm].set((self.version, firm_version, usd));
        usd
    }

    /// Whether the price is made by auction.
    #[must_use]
    pub const fn is_auction(&self) -> bool {
        matches!(self.params.pricing, Pricing::Auction(_))
    }

    /// The broker takes machines for this consignment from now on, and pays an advance or not.
    ///
    /// # Panics
    /// With more consignments in a week than a `u32` counts.
    pub fn consign_for(&mut self, consignment: usize, advances: bool) {
        self.account = (index(consignment), advances);
    }

    /// What the broker has kept so far, USD: fees, and what machines that he bought brought more than he paid; less what is still on offer cost him.
    #[must_use]
    pub fn broker_usd(&self) -> f64 {
        self.gross_usd.0 - self.to_firms_usd
    }

    /// The broker takes so many machines of a lot for the next auction. He advances what they would bring outside and asks as much, or advances nothing and
    /// takes any price; what the auction brings beyond the advance he passes on. Where the price is given he buys at it. Returns what he pays at once, USD.
    /// Taking them out of the lot, and the money, are the caller's.
    pub fn sell_now(&mut self, population: &Population, lot: usize, units: u32) -> Option<f64> {
        if units == 0 {
            return None;
        }
        let model = population.lots.model[lot];
        let hashrate = Hashrate::from_mh(population.models[model as usize].unit.mh() * u64::from(units));
        let (account, advances) = self.account;
        let pays = advances || !self.is_auction();
        let usd = if pays { self.worth_usd(population, lot, units) } else { 0.0 };
        let advance = usd / hashrate.th();
        let scrap = self.params.scrap_usd_per_th;
        let ask = if self.is_auction() { (advance / (1.0 - self.params.broker_fee)).max(scrap) } else { scrap };
        let advance = self.is_auction().then_some((account, advance));
        self.consign(Offer { seller: BROKER, model, units, ask_usd_per_th: ask, advance });
        self.to_firms_usd += usd;
        pays.then_some(usd)
    }

    /// Value of a machine per TH/s to a firm of some class at this price of power, under the contract of these terms: the strip of its days to
    /// come, less what is due whether it runs or not.
    #[must_use]
    pub fn value_usd_per_th(
        &self,
        terms: &Terms<'_>,
        hashprice: Hashprice,
        class: usize,
        efficiency: Efficiency,
        power_price: PowerPrice,
    ) -> f64 {
        let running = self.curve.usd_per_th(hashprice, terms.avoidable(efficiency, power_price));
        running - terms.fixed(class, efficiency, power_price).get() * self.curve.annuity_days() / 1e3
    }

    /// Models that were not there before are given their place, at what they are worth outside.
    pub fn meet_models(&mut self, population: &Population, terms: &Terms<'_>, hashprice: Hashprice) {
        for model in &population.models[self.models.len()..] {
            let value = self.outside_value(terms, hashprice, model.efficiency);
            let generation = self.params.generations.of(model.efficiency);
            let reference = match self.params.pricing {
                Pricing::Reduced(reduced) => reduced.reference_usd_per_th[generation],
                Pricing::Auction(_) => None,
            };
            let price = reference.unwrap_or(value - self.params.freight_usd_per_th).max(self.params.scrap_usd_per_th);
            self.models.push(ModelMarket {
                price_usd_per_th: price,
                value_usd_per_th: value,
                traded: 0,
                whereabouts: Whereabouts::default(),
                reference_usd_per_th: price,
                at_start: 0,
                generation,
            });
        }
    }

    pub fn outside_value(&self, terms: &Terms<'_>, hashprice: Hashprice, efficiency: Efficiency) -> f64 {
        // Buyers outside have no contract in the network: they pay for what they use, and owe nothing when they are off.
        let price = PowerPrice::new(self.params.outside_power_price_usd_per_kwh);
        self.curve.usd_per_th(hashprice, terms.running(efficiency, price))
    }

    /// Machines that have lost their place go on offer; their owner takes any price above scrap.
    ///
    /// # Panics
    /// With more firms than a `u32` counts.
    pub fn take_in(&mut self, seller: usize, model: u16, units: u32) {
        let seller = u32::try_from(seller).expect("firms are counted in u32");
        self.consign(Offer { seller, model, units, ask_usd_per_th: self.params.scrap_usd_per_th, advance: None });
    }

    pub fn consign(&mut self, offer: Offer) {
        if offer.units > 0 {
            self.version += 1;
            self.models[offer.model as usize].whereabouts.listed += u64::from(offer.units);
            self.offers.push(offer);
        }
    }

    /// Whether machines on the road are due, s.
    #[must_use]
    pub fn is_due(&self, now: f64) -> bool {
        self.parcels.front().is_some_and(|parcel| parcel.due <= now)
    }

    /// Whether the money of sellers is that of buyers, and that of firms is what moved in the ledger (what they had for machines, what they paid), to a share
    /// of turnover.
    #[must_use]
    pub fn balances(&self, had_usd: f64, paid_usd: f64, residual: f64) -> bool {
        let same = |a: f64, b: f64| (a - b).abs() <= residual * (1.0 + a.abs() + b.abs());
        same(self.gross_usd.0, self.gross_usd.1)
            && same(self.to_firms_usd, had_usd)
            && same(self.by_firms_usd, paid_usd)
    }

    /// Whether what is counted as on offer and on the road is what is there.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let (mut listed, mut transit) = (vec![0; self.models.len()], vec![0; self.models.len()]);
        for offer in &self.offers {
            listed[offer.model as usize] += u64::from(offer.units);
        }
        for parcel in &self.parcels {
            transit[parcel.model as usize] += u64::from(parcel.units);
        }
        let counted = self.models.iter().map(|market| (market.whereabouts.listed, market.whereabouts.transit));
        counted.eq(listed.into_iter().zip(transit))
    }

    /// Hashrate of machines that left the network, as a share of so much, MH/s.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
    pub fn left_share(&self, population: &Population, installed_mh: u64) -> f64 {
        let left = |(market, model): (&ModelMarket, &Model)| {
            (market.whereabouts.outside + market.whereabouts.scrapped) * model.unit.mh()
        };
        let left: u64 = self.models.iter().zip(&population.models).map(left).sum();
        if installed_mh == 0 { 0.0 } else { left as f64 / installed_mh as f64 }
    }

    /// Elasticity of the price of a generation's machines to the 21-day mean of hashprice, from the start to now, weighted by
    /// hashrate at the start; `None` where there are none or hashprice is back within a tenth of where it was.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
    pub fn elasticity(&self, population: &Population, generation: usize) -> Option<f64> {
        let moved = libm::log(self.trailing.mean() / self.start);
        let (mut before, mut after) = (0.0, 0.0);
        for (market, model) in self.models.iter().zip(&population.models) {
            if market.generation == generation {
                let th = market.at_start as f64 * model.unit.th();
                before += th * market.reference_usd_per_th;
                after += th * market.price_usd_per_th;
            }
        }
        (before > 0.0 && moved.abs() >= 0.1).then(|| libm::log(after / before) / moved)
    }
}

/// Whether a lot is machines that are off though nothing but hashprice keeps them so; of two modes, both.
pub fn is_idle(population: &Population, fleet: &Fleet, lot: usize) -> bool {
    population.lots.kind[lot] != LotKind::Boost
        && population.lots.units[lot] > 0
        && !fleet.runs(lot)
        && !fleet.is_gone(lot)
        && !fleet.is_held(lot)
}
