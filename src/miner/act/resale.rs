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

mod clearing;

use super::retire::can_pay_all;
use crate::{
    market::rigs::{AuctionParams, Pricing, RigParams, Trailing, ValueCurve, auction::inverse_demand_usd_per_th},
    miner::{
        distress::Consignment,
        fleet::Fleet,
        ledger::Ledger,
        population::{LotKind, Population, index},
        site::Model,
        terms::Terms,
    },
    units::{Efficiency, Hashprice, Hashrate, PowerPrice},
};
use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

/// Days between clearings.
pub const WEEK: u64 = 7;

const DAY: f64 = 86_400.0;

/// The seller of what the broker has bought.
const BROKER: u32 = u32::MAX;

/// What the market of machines moves, and on which terms.
#[derive(Debug)]
pub struct Machinery<'a> {
    /// Machines, and who owns them.
    pub population: &'a mut Arc<Population>,
    /// Which of them run.
    pub fleet: &'a mut Fleet,
    /// Accounts.
    pub ledger: &'a mut Ledger,
    /// What lots follow from.
    pub terms: Terms<'a>,
    /// Hashprice.
    pub hashprice: Hashprice,
    /// Now, s.
    pub now: f64,
}

/// Machines on offer.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Offer {
    seller: u32,
    model: u16,
    units: u32,
    ask_usd_per_th: f64,
    /// For whom the broker has them, and what he advanced, USD/(TH/s); nobody where they are his own or the seller's.
    advance: Option<(u32, f64)>,
}

/// Machines on the road.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Parcel {
    site: u32,
    model: u16,
    units: u32,
    due: f64,
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
    reference_usd_per_th: f64,
    /// Machines at the start.
    at_start: u64,
    generation: usize,
}

/// Something to be told of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deal {
    /// As in `events.csv`.
    pub kind: &'static str,
    /// Who sells, buys or leaves.
    pub firm: usize,
    /// Machines concerned.
    pub hashrate: Hashrate,
    /// Dollars concerned.
    pub usd: f64,
}

/// The market of used machines.
#[derive(Clone, Debug)]
pub struct Resale {
    params: RigParams,
    curve: ValueCurve,
    start: Hashprice,
    trailing: Trailing,
    models: Vec<ModelMarket>,
    offers: Vec<Offer>,
    parcels: VecDeque<Parcel>,
    /// Power promised to machines on the road, by site, mW.
    promised_mw: Vec<u64>,
    /// What sellers had at the clearings, and what buyers paid, USD.
    gross_usd: (f64, f64),
    /// What firms had for machines from buyers and broker, USD.
    to_firms_usd: f64,
    /// What firms paid for machines, USD.
    by_firms_usd: f64,
    /// For which consignment the broker takes machines now, and whether he pays an advance.
    account: (u32, bool),
    /// What the last auction brought beyond advances, by consignment: USD, and MH/s of machines without an advance.
    more: BTreeMap<usize, (f64, u64)>,
    /// Cohorts that have offered their last machines.
    leaving: Vec<usize>,
    /// Told at the end of the day.
    pub told: Vec<Deal>,
    /// How often the price or the offers of any model have changed.
    version: u64,
    /// What all machines of each firm are worth, USD, with the versions of market and firm that it holds for: lenders ask every day.
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
            told: Vec::new(),
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
    fn usual_units(&self, auction: &AuctionParams, model: usize) -> f64 {
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
    pub(super) fn worth_of_firm_usd(&self, firm: usize, firm_version: u64, find: impl FnOnce() -> f64) -> f64 {
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

    /// What the last auction brought beyond the broker's advances, by consignment, USD. Machines without an advance are told as sold now; of the others,
    /// which have been told, the rest of the money is.
    pub fn take_more(&mut self, consignments: &[Consignment]) -> Vec<(usize, f64)> {
        let more = std::mem::take(&mut self.more);
        for (&consignment, &(usd, mh)) in &more {
            let firm = consignments[consignment].firm;
            let kind = if mh > 0 { "machines_sold" } else { "machines_paid" };
            self.told.push(Deal { kind, firm, hashrate: Hashrate::from_mh(mh), usd });
        }
        more.into_iter().map(|(consignment, (usd, _))| (consignment, usd)).collect()
    }

    /// What the broker has kept so far, USD: fees, and what machines that he bought brought more than he paid; less what is still on offer cost him.
    #[must_use]
    pub fn broker_usd(&self) -> f64 {
        self.gross_usd.0 - self.to_firms_usd
    }

    /// The broker takes so many machines of a lot for the next auction. He advances what they would bring outside and asks as much, or advances nothing and
    /// takes any price; what the auction brings beyond the advance he passes on. Where the price is given he buys at it. Returns what he pays at once, USD.
    /// Taking them out of the lot, and the money, are the caller's.
    pub fn sell_now(&mut self, population: &Population, lot: usize, units: u32) -> f64 {
        if units == 0 {
            return 0.0;
        }
        let (model, firm) = (population.lots.model[lot], population.lots.firm[lot] as usize);
        let hashrate = Hashrate::from_mh(population.models[model as usize].unit.mh() * u64::from(units));
        let (account, advances) = self.account;
        let pays = advances || !self.is_auction();
        let usd = if pays { self.worth_usd(population, lot, units) } else { 0.0 };
        let advance = usd / hashrate.th();
        let scrap = self.params.scrap_usd_per_th;
        let ask = if self.is_auction() { (advance / (1.0 - self.params.broker_fee)).max(scrap) } else { scrap };
        let advance = self.is_auction().then_some((account, advance));
        self.consign(Offer { seller: BROKER, model, units, ask_usd_per_th: ask, advance });
        if !pays {
            return 0.0;
        }
        self.to_firms_usd += usd;
        self.told.push(Deal { kind: "machines_sold", firm, hashrate, usd });
        usd
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
    fn meet_models(&mut self, population: &Population, terms: &Terms<'_>, hashprice: Hashprice) {
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

    fn outside_value(&self, terms: &Terms<'_>, hashprice: Hashprice, efficiency: Efficiency) -> f64 {
        // Buyers outside have no contract in the network: they pay for what they use, and owe nothing when they are off.
        let price = PowerPrice::new(self.params.outside_power_price_usd_per_kwh);
        self.curve.usd_per_th(hashprice, terms.running(efficiency, price))
    }

    /// A lot's machines go on offer, at no less than they are worth where they stand.
    fn offer(&mut self, m: &mut Machinery<'_>, lot: usize, units: u32) {
        let lots = &m.population.lots;
        let (seller, model, site) = (lots.firm[lot], lots.model[lot], lots.site[lot] as usize);
        let (efficiency, left) = (Efficiency::new(lots.efficiency[lot]), lots.units[lot] - units);
        let price = PowerPrice::new(m.population.sites.power_price[site]);
        let class = m.population.firms.class[seller as usize] as usize;
        let population = Arc::make_mut(m.population);
        m.fleet.set_units(population, m.ledger, &m.terms, lot, left, m.now);
        let terms = m.terms.at(m.population, site);
        let worth = self.value_usd_per_th(&terms, m.hashprice, class, efficiency, price);
        let takes_any = matches!(self.params.pricing, Pricing::Reduced(_));
        let ask = if takes_any { self.params.scrap_usd_per_th } else { worth.max(self.params.scrap_usd_per_th) };
        self.consign(Offer { seller, model, units, ask_usd_per_th: ask, advance: None });
    }

    /// Machines that have lost their place go on offer; their owner takes any price above scrap.
    ///
    /// # Panics
    /// With more firms than a `u32` counts.
    pub fn take_in(&mut self, seller: usize, model: u16, units: u32) {
        let seller = u32::try_from(seller).expect("firms are counted in u32");
        self.consign(Offer { seller, model, units, ask_usd_per_th: self.params.scrap_usd_per_th, advance: None });
    }

    fn consign(&mut self, offer: Offer) {
        if offer.units > 0 {
            self.version += 1;
            self.models[offer.model as usize].whereabouts.listed += u64::from(offer.units);
            self.offers.push(offer);
        }
    }

    /// Members of cohorts that have been off for too long sell their machines and leave: the weight shrinks with the hashrate.
    fn exit_cohorts(&mut self, m: &mut Machinery<'_>) {
        let since = m.now - self.params.cohort_exit_days * DAY;
        for lot in 0..m.population.lots.len() {
            // Most lots run, and no more is to be asked of them.
            if m.fleet.runs(lot) {
                continue;
            }
            let lots = &m.population.lots;
            let firm = lots.firm[lot] as usize;
            let weight = m.population.firms.weight[firm];
            if weight <= 1.0 || !is_idle(m.population, m.fleet, lot) || m.fleet.off_since(lot) > since {
                continue;
            }
            let before = m.population.firms.installed_mh[firm];
            let hashrate = Hashrate::from_mh(lots.unit_mh[lot] * u64::from(lots.units[lot]));
            let (units, site) = (lots.units[lot], lots.site[lot] as usize);
            let load = m.population.sites.used_mw[site];
            self.offer(m, lot, units);
            // The room of those who leave goes with them.
            let sites = &mut Arc::make_mut(m.population).sites;
            sites.capacity_mw[site] -= load - sites.used_mw[site];
            let after = m.population.firms.installed_mh[firm];
            #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
            let left = after as f64 / before as f64;
            if after > 0 {
                Arc::make_mut(m.population).firms.weight[firm] = weight * left;
                self.told.push(Deal { kind: "exit", firm, hashrate, usd: 0.0 });
            } else {
                self.leaving.push(firm);
            }
        }
    }

    /// Cohorts whose last machines have been sold and that can pay all they owe: they leave. The others stay for their creditors.
    fn gone_cohorts(&mut self, m: &Machinery<'_>, price_usd: f64) -> Vec<usize> {
        let mut gone = Vec::new();
        self.leaving.retain(|&firm| {
            let waits = self.offers.iter().any(|offer| offer.seller == index(firm));
            let (lives, empty) = (m.ledger.standing[firm].lives(), m.population.firms.installed_mh[firm] == 0);
            if lives && empty && !waits && can_pay_all(m.ledger, firm, price_usd) {
                gone.push(firm);
                return false;
            }
            lives && empty
        });
        for &firm in &gone {
            self.told.push(Deal { kind: "exit", firm, hashrate: Hashrate::ZERO, usd: 0.0 });
        }
        gone
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

    /// A day has passed, at this price of a coin; once a week the market clears. Returns the cohorts that leave.
    pub fn day(&mut self, m: &mut Machinery<'_>, day: u64, price_usd: f64) -> Vec<usize> {
        self.trailing.push(m.hashprice);
        if day.is_multiple_of(WEEK) {
            self.meet_models(m.population, &m.terms, m.hashprice);
            self.promised_mw.resize(m.population.sites.len(), 0);
            self.exit_cohorts(m);
            self.clear_all(m);
            self.version += 1;
            return self.gone_cohorts(m, price_usd);
        }
        Vec::new()
    }

    /// Machines whose way is over are installed.
    pub fn arrive(&mut self, m: &mut Machinery<'_>) {
        while self.parcels.front().is_some_and(|parcel| parcel.due <= m.now) {
            let Some(Parcel { site, model, units, .. }) = self.parcels.pop_front() else { return };
            let power = self.unit(m.population, &m.terms, model as usize).power_mw;
            self.promised_mw[site as usize] -= power * u64::from(units);
            self.models[model as usize].whereabouts.transit -= u64::from(units);
            let firm = m.population.sites.firm[site as usize] as usize;
            if !m.ledger.standing[firm].lives() {
                // The buyer failed meanwhile: they are sold for its creditors, or its owners where those have had what there was.
                self.take_in(firm, model, units);
                continue;
            }
            // Where new machines or tenants have taken their place meanwhile, they are on offer again.
            let room = m.population.sites.spare_mw(site as usize) / power.max(1);
            let fit = units.min(u32::try_from(room).unwrap_or(u32::MAX));
            self.take_in(firm, model, units - fit);
            if fit > 0 {
                let hashrate = Hashrate::from_mh(m.population.models[model as usize].unit.mh() * u64::from(fit));
                let population = Arc::make_mut(m.population);
                m.fleet.install(population, m.ledger, &m.terms, site as usize, model, fit, m.now);
                self.told.push(Deal { kind: "machines_arrive", firm, hashrate, usd: 0.0 });
            }
        }
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
pub(super) fn is_idle(population: &Population, fleet: &Fleet, lot: usize) -> bool {
    population.lots.kind[lot] != LotKind::Boost
        && population.lots.units[lot] > 0
        && !fleet.runs(lot)
        && !fleet.is_gone(lot)
        && !fleet.is_held(lot)
}
