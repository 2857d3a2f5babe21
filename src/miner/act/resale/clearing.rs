//! The weekly clearing: who bids for what is on offer, at which price it changes hands, and what is paid.

use super::{BROKER, DAY, Deal, Machinery, Parcel, Resale, WEEK};
use crate::{
    market::rigs::{
        Pricing,
        auction::{Clearing, Order, Unit, affordable, clear, outside},
        reduced::{adjusted_usd_per_th, target_usd_per_th},
    },
    miner::{
        draw::DAYS_PER_MONTH,
        ledger::{Cause, Standing},
        population::{Population, index},
        terms::Terms,
    },
    random::name_hash,
    units::{Hashrate, Power, PowerPrice},
};

/// Buyers that are no miners.
const OUTSIDE: u32 = u32::MAX - 1;
const SCRAP: u32 = u32::MAX;

/// A buyer's buffer where its class has none, months of running all its machines.
const USUAL_BUFFER_MONTHS: f64 = 1.0;

/// A miner that could buy.
struct Buyer {
    firm: usize,
    site: usize,
    budget_usd: f64,
}

impl Resale {
    /// A machine of a model, as it is traded.
    pub(super) fn unit(&self, population: &Population, terms: &Terms<'_>, model: usize) -> Unit {
        let model = &population.models[model];
        Unit {
            th: model.unit.th(),
            // Rounded up by more than its parts can be: load never exceeds room.
            power_mw: Power::drawn(model.unit, model.efficiency, terms.power.pue).mw() + 2,
            freight_usd: self.params.freight_usd_per_th * model.unit.th(),
        }
    }

    /// Firms that pay their bills, with cash above their buffer and a site with room: the one whose power is cheapest.
    fn buyers(&self, m: &Machinery<'_>) -> Vec<Buyer> {
        let (population, ledger) = (&*m.population, &*m.ledger);
        let (firms, sites) = (&population.firms, &population.sites);
        let buyer = |firm: usize| {
            if ledger.standing[firm] != Standing::Ok {
                return None;
            }
            #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
            let month = firms.full_cost_nusd[firm] as f64 * 1e-9 * DAYS_PER_MONTH;
            let budget_usd =
                ledger.cash[firm] - ledger.bill[firm] - firms.buffer_months[firm].max(USUAL_BUFFER_MONTHS) * month;
            let room = |&site: &usize| sites.spare_mw(site) > self.promised_mw[site];
            let site = population
                .sites_of(firm)
                .filter(room)
                .min_by(|&a, &b| sites.power_price[a].total_cmp(&sites.power_price[b]))?;
            (budget_usd > 0.0).then_some(Buyer { firm, site, budget_usd })
        };
        (0..firms.len()).filter_map(buyer).collect()
    }

    /// Clears every model, the most efficient first.
    pub(super) fn clear_all(&mut self, m: &mut Machinery<'_>) {
        let mut buyers = self.buyers(m);
        let mut order: Vec<usize> = (0..self.models.len()).collect();
        order.sort_by(|&a, &b| {
            let efficiency = |model: usize| m.population.models[model].efficiency.get();
            efficiency(a).total_cmp(&efficiency(b)).then(a.cmp(&b))
        });
        for model in order {
            self.models[model].value_usd_per_th =
                self.outside_value(&m.terms, m.hashprice, m.population.models[model].efficiency);
            self.clear_model(m, model, &mut buyers);
        }
        self.offers.retain(|offer| offer.units > 0);
        // What nobody took for the advance is the broker's own, and sold at any price.
        for offer in &mut self.offers {
            if offer.advance.take().is_some() {
                offer.ask_usd_per_th = self.params.scrap_usd_per_th;
            }
        }
        if let Pricing::Auction(auction) = self.params.pricing {
            for offer in &mut self.offers {
                offer.ask_usd_per_th =
                    (offer.ask_usd_per_th * (1.0 - auction.ask_fall_per_week)).max(self.params.scrap_usd_per_th);
            }
        }
    }

    /// The bids of miners for a model: what a machine is worth at their site, as far as money and room go.
    fn bids(&self, m: &Machinery<'_>, model: usize, unit: &Unit, buyers: &[Buyer]) -> Vec<Order> {
        let population = &*m.population;
        let efficiency = population.models[model].efficiency;
        let bid = |(place, buyer): (usize, &Buyer)| {
            let price = PowerPrice::new(population.sites.power_price[buyer.site]);
            let class = population.firms.class[buyer.firm] as usize;
            let worth =
                self.value_usd_per_th(&m.terms.at(population, buyer.site), m.hashprice, class, efficiency, price)
                    - self.params.freight_usd_per_th;
            let spare = population.sites.spare_mw(buyer.site) - self.promised_mw[buyer.site];
            let units = affordable(unit, worth, buyer.budget_usd, spare);
            let agent = index(place);
            (units > 0 && worth >= self.params.scrap_usd_per_th)
                .then(|| Order::new(agent, name_hash(&population.firms.name[buyer.firm]), units, worth))
        };
        buyers.iter().enumerate().filter_map(bid).collect()
    }

    fn clear_model(&mut self, m: &mut Machinery<'_>, model: usize, buyers: &mut [Buyer]) {
        let unit = self.unit(m.population, &m.terms, model);
        let mut bids = self.bids(m, model, &unit, buyers);
        let mut asks: Vec<Order> = Vec::new();
        for (place, offer) in self.offers.iter().enumerate() {
            if offer.model as usize == model && offer.units > 0 {
                let key = if offer.seller == BROKER {
                    u64::MAX
                } else {
                    name_hash(&m.population.firms.name[offer.seller as usize])
                };
                let agent = index(place);
                asks.push(Order::new(agent, key, u64::from(offer.units), offer.ask_usd_per_th));
            }
        }
        let clearing = match self.params.pricing {
            Pricing::Auction(auction) => {
                let usual = self.usual_units(&auction, model);
                let value = self.models[model].value_usd_per_th - self.params.freight_usd_per_th;
                outside(&mut bids, value, usual, self.params.scrap_usd_per_th, [OUTSIDE, SCRAP]);
                let best =
                    bids.iter().map(|bid| bid.usd_per_th).fold(value.max(self.params.scrap_usd_per_th), f64::max);
                let clearing = clear(&mut asks, &mut bids);
                self.models[model].price_usd_per_th = clearing.usd_per_th.unwrap_or(best);
                clearing
            }
            Pricing::Reduced(reduced) => {
                let market = &mut self.models[model];
                let epsilon = reduced.elasticity[market.generation];
                let target = target_usd_per_th(market.reference_usd_per_th, epsilon, self.trailing.mean(), self.start);
                #[expect(clippy::cast_precision_loss, reason = "7")]
                let price = adjusted_usd_per_th(
                    market.price_usd_per_th,
                    target,
                    WEEK as f64,
                    reduced.half_life_days,
                    self.params.scrap_usd_per_th,
                );
                market.price_usd_per_th = price;
                // The price is given: who would pay it buys, and the rest goes to whoever makes that price.
                bids.retain(|bid| bid.usd_per_th >= price);
                let rest = if price > self.params.scrap_usd_per_th { OUTSIDE } else { SCRAP };
                bids.push(Order::new(rest, u64::MAX, u64::MAX / 4, price));
                let units = clear(&mut asks, &mut bids).units;
                Clearing { usd_per_th: Some(price), units }
            }
        };
        self.models[model].traded = clearing.units;
        if let Some(price) = clearing.usd_per_th.filter(|_| clearing.units > 0) {
            self.pay(m, (model, &unit), price, &asks, &bids, buyers);
        }
    }

    /// Money and machines change hands at one price.
    fn pay(
        &mut self,
        m: &mut Machinery<'_>,
        (model, unit): (usize, &Unit),
        price: f64,
        asks: &[Order],
        bids: &[Order],
        buyers: &mut [Buyer],
    ) {
        #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
        let usd = |units: u64| units as f64 * unit.th * price;
        let hashrate = |units: u64| Hashrate::from_mh(m.population.models[model].unit.mh() * units);
        for ask in asks.iter().filter(|ask| ask.filled > 0) {
            let offer = &mut self.offers[ask.agent as usize];
            offer.units -= u32::try_from(ask.filled).expect("no more than were offered");
            self.models[model].whereabouts.listed -= ask.filled;
            let (seller, gross) = (offer.seller, usd(ask.filled));
            self.gross_usd.0 += gross;
            let net = gross * (1.0 - self.params.broker_fee);
            if seller == BROKER {
                if let Some((consignment, advance)) = offer.advance {
                    #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
                    let more = net - ask.filled as f64 * unit.th * advance;
                    if more > 0.0 {
                        self.to_firms_usd += more;
                        let (usd, mh) = self.more.entry(consignment as usize).or_default();
                        *usd += more;
                        *mh += if advance > 0.0 { 0 } else { hashrate(ask.filled).mh() };
                    }
                }
                continue;
            }
            let seller = seller as usize;
            m.ledger.post(seller, Cause::MachinesSold, net);
            self.to_firms_usd += net;
            if m.ledger.standing[seller].lives() || m.ledger.standing[seller] == Standing::Liquidating {
                m.ledger.pay_for_pledges(seller, net);
            } else {
                m.ledger.post(seller, Cause::Distribution, -net);
            }
            self.told.push(Deal { kind: "machines_sold", firm: seller, hashrate: hashrate(ask.filled), usd: net });
        }
        for bid in bids.iter().filter(|bid| bid.filled > 0) {
            self.gross_usd.1 += usd(bid.filled);
            let whereabouts = &mut self.models[model].whereabouts;
            if bid.agent == OUTSIDE || bid.agent == SCRAP {
                *(if bid.agent == OUTSIDE { &mut whereabouts.outside } else { &mut whereabouts.scrapped }) +=
                    bid.filled;
                continue;
            }
            whereabouts.transit += bid.filled;
            let Buyer { firm, site, budget_usd } = &mut buyers[bid.agent as usize];
            #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
            let freight = bid.filled as f64 * unit.freight_usd;
            m.ledger.post(*firm, Cause::UsedBought, -usd(bid.filled));
            self.by_firms_usd += usd(bid.filled);
            m.ledger.post(*firm, Cause::Freight, -freight);
            *budget_usd -= usd(bid.filled) + freight;
            self.promised_mw[*site] += bid.filled * unit.power_mw;
            self.parcels.push_back(Parcel {
                site: index(*site),
                model: u16::try_from(model).expect("models are counted in u16"),
                units: u32::try_from(bid.filled).expect("no more than were offered"),
                due: m.now + self.params.transport_days * DAY,
            });
            self.told.push(Deal {
                kind: "machines_bought",
                firm: *firm,
                hashrate: hashrate(bid.filled),
                usd: usd(bid.filled),
            });
        }
    }
}
