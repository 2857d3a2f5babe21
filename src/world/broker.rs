//! Operation of the market of used machines: offers, the weekly clearing, machines in transit.
//!
//! Firms that failed, firms short of cash and lenders sell through a broker, who auctions the machines. Solvent firms and lenders receive an advance:
//! the outside buyers' marginal price for these plus all listed machines, less the broker's fee. The advance is also the asking price. Auction
//! proceeds beyond the advance are passed on; machines that nobody takes at that price become the broker's own and are sold at any price later.
//! Members of cohorts that give up offer their machines themselves. An offered machine has left its site. Once a week each model is cleared, by
//! auction or at the price of the reduced form ([`crate::market::rigs`]): miners with cash above their buffers and spare power bid the value of a
//! machine at their site, outside buyers its value at theirs, and scrap dealers the scrap price. A machine that a miner has bought arrives after
//! `transport_days`, and is offered again if its place has been taken meanwhile; machines bought by outside buyers or scrap dealers leave the
//! network.
//!
//! Money: the buyer pays price and freight, the seller gets the price less the broker's fee. The broker's gain leaves the model, and is recorded
//! (`broker_gain_usd`).
//!
//! **Known error.** Bids and reserves use hashprice of the day, and full power: eco mode is not valued. A firm bids for its
//! cheapest site with room. In the reduced form any number is taken at the price.

use crate::{
    market::{
        outlook::Prospect,
        rigs::{AuctionParams, Pricing, RigParams, Trailing, auction::inverse_demand_usd_per_th},
    },
    units::{ClassId, Column, Efficiency, FirmId, Hashprice, Hashrate, LotId, ModelId, PowerPrice, SiteId},
    world::{fleet::Fleet, lots::LotKind, population::Population, site::Model, terms::Terms},
};
use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
};

/// Days between clearings.
pub const WEEK: u64 = 7;

/// Machines on offer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// The firm; `None` for machines that the broker has bought.
    pub seller: Option<FirmId>,
    /// Index of the model.
    pub model: ModelId,
    /// Number of machines.
    pub units: u32,
    /// Lowest price, USD/(TH/s).
    pub ask_usd_per_th: f64,
    /// The consignment for which the broker holds the machines, and his advance, USD/(TH/s); `None` if they belong to the broker or are offered by
    /// the seller itself.
    pub advance: Option<(usize, f64)>,
}

/// Machines in transit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parcel {
    /// Site of destination.
    pub site: SiteId,
    /// Index of the model.
    pub model: ModelId,
    /// Number of machines.
    pub units: u32,
    /// Time of arrival, s.
    pub due: f64,
}

/// Numbers of machines of a model that stand at no site, by whereabouts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// On offer.
    pub listed: u64,
    /// Bought and in transit.
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
    /// Value of a machine to an outside buyer, USD/(TH/s).
    pub value_usd_per_th: f64,
    /// Machines traded at the last clearing.
    pub traded: u64,
    /// Its machines that stand at no site.
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
    /// The terms of the market.
    pub params: RigParams,
    /// What machines are expected to earn in the rest of their life, from which their value follows.
    pub prospect: Prospect,
    /// Hashprice at the start.
    pub start: Hashprice,
    /// Hashprice of the last weeks.
    pub trailing: Trailing,
    /// The models.
    pub models: Column<ModelId, ModelMarket>,
    pub offers: Vec<Offer>,
    pub parcels: VecDeque<Parcel>,
    /// Power reserved for machines in transit, by site, mW.
    pub promised_mw: Column<SiteId, u64>,
    /// Sellers' proceeds at the clearings, and buyers' payments, USD.
    pub gross_usd: (f64, f64),
    /// Proceeds of firms for machines, from buyers and broker, USD.
    pub to_firms_usd: f64,
    /// Payments of firms for machines, USD.
    pub by_firms_usd: f64,
    /// The consignment for which the broker takes machines now, and whether he pays an advance.
    pub account: (usize, bool),
    /// Proceeds of the last auction beyond advances, by consignment: USD, and MH/s of machines without an advance.
    pub more: BTreeMap<usize, (f64, u64)>,
    /// Cohorts that have offered their last machines.
    pub leaving: Vec<FirmId>,
    /// Number of changes of prices or offers of any model.
    pub version: u64,
    /// Value of all machines of each firm, USD, with the versions of market and firm for which it holds: lenders ask every day.
    worths: Column<FirmId, Cell<(u64, u64, f64)>>,
}

impl Resale {
    /// The market at the start.
    #[must_use]
    pub fn new(
        params: RigParams,
        population: &Population,
        terms: &Terms<'_>,
        start: Hashprice,
        prospect: Prospect,
    ) -> Self {
        let mut resale = Self {
            prospect,
            params,
            start,
            trailing: Trailing::new(start),
            models: Column::new(),
            offers: Vec::new(),
            parcels: VecDeque::new(),
            promised_mw: Column::filled(0, population.sites.len()),
            gross_usd: (0.0, 0.0),
            to_firms_usd: 0.0,
            by_firms_usd: 0.0,
            account: (0, true),
            more: BTreeMap::new(),
            leaving: Vec::new(),
            version: 1,
            worths: Column::filled(Cell::default(), population.firms.len()),
        };
        resale.meet_models(population, terms);
        for lot in population.lots.ids() {
            let model = population.lots.model[lot];
            resale.models[model].at_start += u64::from(population.lots.units[lot]);
        }
        resale
    }

    /// Price of a model's machines, USD/(TH/s).
    #[must_use]
    pub fn price_usd_per_th(&self, model: ModelId) -> f64 {
        self.models[model].price_usd_per_th
    }

    /// Price at which `units` machines of a model could be sold within a week, USD/(TH/s): in an auction, the lower of today's price and the outside
    /// buyers' marginal price for the last of them.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
    pub fn price_of_many_usd_per_th(&self, model: ModelId, units: u64) -> f64 {
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

    /// Q0 of a model: a share of its machines at the start; for a model that came later, the mean over models.
    #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
    #[must_use]
    pub fn usual_units(&self, auction: &AuctionParams, model: ModelId) -> f64 {
        let at_start = self.models[model].at_start;
        let known = || self.models.iter().map(|market| market.at_start).filter(|&machines| machines > 0);
        let machines =
            if at_start > 0 { at_start as f64 } else { known().sum::<u64>() as f64 / known().count().max(1) as f64 };
        auction.outside_share_per_week * machines
    }

    /// Immediate proceeds of `units` machines of a lot, less the broker's fee, USD: the outside buyers' marginal price for these plus all listed
    /// machines.
    #[must_use]
    pub fn worth_usd(&self, population: &Population, lot: LotId, units: u32) -> f64 {
        let model = population.lots.model[lot];
        let th = population.models[model].unit.th() * f64::from(units);
        let glut = u64::from(units) + self.models[model].whereabouts.listed;
        self.price_of_many_usd_per_th(model, glut) * th * (1.0 - self.params.broker_fee)
    }

    /// Value of all machines of a firm, USD: `find` is called only if the market or the firm's machines have changed since the last call.
    pub fn worth_of_firm_usd(&self, firm: FirmId, firm_version: u64, find: impl FnOnce() -> f64) -> f64 {
        let (version, of_firm, usd) = self.worths[firm].get();
        if (version, of_firm) == (self.version, firm_version) {
            return usd;
        }
        let usd = find();
        self.worths[firm].set((self.version, firm_version, usd));
        usd
    }

    /// Whether prices are formed by auction.
    #[must_use]
    pub const fn is_auction(&self) -> bool {
        matches!(self.params.pricing, Pricing::Auction(_))
    }

    /// From now on the broker takes machines for this consignment, with or without an advance.
    pub fn consign_for(&mut self, consignment: usize, advances: bool) {
        self.account = (consignment, advances);
    }

    /// The broker's gain so far, USD: fees, and the profit on machines that he bought, less the cost of those still on offer.
    #[must_use]
    pub fn broker_usd(&self) -> f64 {
        self.gross_usd.0 - self.to_firms_usd
    }

    /// The broker takes `units` machines of a lot for the next auction. With an advance, he pays the outside value now and asks as much; without, he
    /// accepts any price. Auction proceeds beyond the advance are passed on. In the reduced form he buys at the given price. Returns the immediate
    /// payment, USD. The caller removes the machines from the lot and posts the money.
    pub fn sell_now(&mut self, population: &Population, lot: LotId, units: u32) -> Option<f64> {
        if units == 0 {
            return None;
        }
        let model = population.lots.model[lot];
        let hashrate = Hashrate::from_mh(population.models[model].unit.mh() * u64::from(units));
        let (account, advances) = self.account;
        let pays = advances || !self.is_auction();
        let usd = if pays { self.worth_usd(population, lot, units) } else { 0.0 };
        let advance = usd / hashrate.th();
        let scrap = self.params.scrap_usd_per_th;
        let ask = if self.is_auction() { (advance / (1.0 - self.params.broker_fee)).max(scrap) } else { scrap };
        let advance = self.is_auction().then_some((account, advance));
        self.consign(Offer { seller: None, model, units, ask_usd_per_th: ask, advance });
        self.to_firms_usd += usd;
        pays.then_some(usd)
    }

    /// Value of a machine per TH/s to a firm of some class at this power price, under the contract of these terms: discounted daily margins less the
    /// cost that is due whether it runs or not.
    #[must_use]
    pub fn value_usd_per_th(
        &self,
        terms: &Terms<'_>,
        class: ClassId,
        efficiency: Efficiency,
        power_price: PowerPrice,
    ) -> f64 {
        let running = self.prospect.value(terms.avoidable(efficiency, power_price));
        (running - terms.fixed(class, efficiency, power_price).get() * self.prospect.annuity()) / 1e3
    }

    /// Adds models that are new to the market, at their value to outside buyers.
    pub fn meet_models(&mut self, population: &Population, terms: &Terms<'_>) {
        for model in population.models.iter().skip(self.models.len()) {
            let value = self.outside_value(terms, model.efficiency);
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

    #[must_use]
    pub fn outside_value(&self, terms: &Terms<'_>, efficiency: Efficiency) -> f64 {
        // Outside buyers have no contract in the network: they pay for the power that they use, and owe nothing when machines are off.
        let price = PowerPrice::new(self.params.outside_power_price_usd_per_kwh);
        self.prospect.value(terms.running(efficiency, price)) / 1e3
    }

    /// Machines without a place are offered for sale; their owner accepts any price above scrap.
    pub fn take_in(&mut self, seller: FirmId, model: ModelId, units: u32) {
        self.consign(Offer {
            seller: Some(seller),
            model,
            units,
            ask_usd_per_th: self.params.scrap_usd_per_th,
            advance: None,
        });
    }

    pub fn consign(&mut self, offer: Offer) {
        if offer.units > 0 {
            self.version += 1;
            self.models[offer.model].whereabouts.listed += u64::from(offer.units);
            self.offers.push(offer);
        }
    }

    /// Whether machines in transit are due at this time, s.
    #[must_use]
    pub fn is_due(&self, now: f64) -> bool {
        self.parcels.front().is_some_and(|parcel| parcel.due <= now)
    }

    /// Whether sellers' proceeds equal buyers' payments, and firms' proceeds and payments equal the ledger's flows, to a share of turnover.
    #[must_use]
    pub fn balances(&self, had_usd: f64, paid_usd: f64, residual: f64) -> bool {
        let same = |a: f64, b: f64| (a - b).abs() <= residual * (1.0 + a.abs() + b.abs());
        same(self.gross_usd.0, self.gross_usd.1)
            && same(self.to_firms_usd, had_usd)
            && same(self.by_firms_usd, paid_usd)
    }

    /// Whether the counts of listed machines and of machines in transit agree with the entries.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let (mut listed, mut transit): (Column<ModelId, u64>, Column<ModelId, u64>) =
            (Column::filled(0, self.models.len()), Column::filled(0, self.models.len()));
        for offer in &self.offers {
            listed[offer.model] += u64::from(offer.units);
        }
        for parcel in &self.parcels {
            transit[parcel.model] += u64::from(parcel.units);
        }
        let counted = self.models.iter().map(|market| (market.whereabouts.listed, market.whereabouts.transit));
        counted.eq(listed.iter().copied().zip(transit.iter().copied()))
    }

    /// Hashrate of machines that left the network, as a share of installed hashrate (MH/s).
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
    pub fn left_share(&self, population: &Population, installed_mh: u64) -> f64 {
        let left = |(market, model): (&ModelMarket, &Model)| {
            (market.whereabouts.outside + market.whereabouts.scrapped) * model.unit.mh()
        };
        let left: u64 = self.models.iter().zip(&population.models).map(left).sum();
        if installed_mh == 0 { 0.0 } else { left as f64 / installed_mh as f64 }
    }

    /// Elasticity of the price of a generation's machines with respect to the 21-day mean of hashprice, from the start to now, weighted by hashrate
    /// at the start; `None` if there are no such machines or hashprice is within a tenth of its starting value.
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

/// Whether a lot consists of machines that are off for hashprice alone; of two modes, both must be.
#[must_use]
pub fn is_idle(population: &Population, fleet: &Fleet, lot: LotId) -> bool {
    population.lots.kind[lot] != LotKind::Boost
        && population.lots.units[lot] > 0
        && !fleet.runs(lot)
        && !fleet.is_gone(lot)
        && !fleet.is_held(lot)
}
