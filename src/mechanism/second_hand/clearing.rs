//! The weekly clearing: bids for the offers, the clearing price, and payments.

use crate::{
    market::rigs::{
        Pricing,
        auction::{Clearing, Order, Unit, affordable, clear, outside},
        reduced::{adjusted_usd_per_th, target_usd_per_th},
    },
    random::name_hash,
    units::{ClassId, Column, DAY_S, FirmId, MONTH_DAYS, ModelId, Power, Sats, SiteId, Usd},
    world::{
        EventKind, Parcel, Resale, WEEK, World,
        ledger::{Cause, Standing},
        population::Population,
        terms::Terms,
    },
};

/// Identifier of buyers outside the network.
const OUTSIDE: u32 = u32::MAX - 1;
const SCRAP: u32 = u32::MAX;

/// Cash buffer of a buyer whose class has none, in months of the cost of running all its machines.
const USUAL_BUFFER_MONTHS: f64 = 1.0;

/// A possible buyer.
struct Buyer {
    firm: FirmId,
    site: SiteId,
    budget_usd: f64,
}

/// The identifier of the party at this place in the list of offers or buyers.
fn agent(place: usize) -> u32 {
    u32::try_from(place).expect("parties are counted in u32")
}

/// A machine of a model as a unit of trade.
pub(super) fn unit(resale: &Resale, population: &Population, terms: &Terms<'_>, model: ModelId) -> Unit {
    let model = &population.models[model];
    Unit {
        th: model.unit.th(),
        // Rounded up by more than its parts can be, so that load never exceeds capacity.
        power_mw: Power::drawn(model.unit, model.efficiency, terms.power.pue).mw() + 2,
        freight_usd: resale.params.freight_usd_per_th * model.unit.th(),
    }
}

/// Firms that pay their bills, with cash above their buffer and a site with spare power: for each, the site with the cheapest power.
fn buyers(resale: &Resale, world: &World<'_>) -> Vec<Buyer> {
    let (population, ledger) = (&*world.population, &world.ledger);
    let (firms, sites) = (&population.firms, &population.sites);
    let buyer = |firm: FirmId| {
        if ledger.standing[firm] != Standing::Ok {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
        let month = firms.full_cost_nusd[firm] as f64 * 1e-9 * MONTH_DAYS;
        let budget_usd =
            ledger[firm].cash - ledger[firm].bill - firms.buffer_months[firm].max(USUAL_BUFFER_MONTHS) * month;
        if budget_usd <= 0.0 {
            return None;
        }
        let room = |&site: &SiteId| sites.spare_mw(site) > resale.promised_mw[site];
        let site = population
            .sites_of(firm)
            .filter(room)
            .min_by(|&a, &b| sites.power_price[a].total_cmp(&sites.power_price[b]))?;
        Some(Buyer { firm, site, budget_usd })
    };
    firms.ids().filter_map(buyer).collect()
}

/// Clears every model, the most efficient first.
pub(super) fn clear_all(resale: &mut Resale, world: &mut World<'_>) {
    let mut buyers = buyers(resale, world);
    let mut order: Vec<ModelId> = resale.models.ids().collect();
    order.sort_by(|&a, &b| {
        let efficiency = |model: ModelId| world.population.models[model].efficiency.get();
        efficiency(a).total_cmp(&efficiency(b)).then(a.cmp(&b))
    });
    for model in order {
        resale.models[model].value_usd_per_th =
            resale.outside_value(&world.scenario.terms(world.replica), world.population.models[model].efficiency);
        clear_model(resale, world, model, &mut buyers);
    }
    resale.offers.retain(|offer| offer.units > 0);
    // Machines that were not sold at the advance are now the broker's own, and sold at any price.
    for offer in &mut resale.offers {
        if offer.advance.take().is_some() {
            offer.ask_usd_per_th = resale.params.scrap_usd_per_th;
        }
    }
    if let Pricing::Auction(auction) = resale.params.pricing {
        for offer in &mut resale.offers {
            offer.ask_usd_per_th =
                (offer.ask_usd_per_th * (1.0 - auction.ask_fall_per_week)).max(resale.params.scrap_usd_per_th);
        }
    }
}

/// The bids of miners for a model: the value of a machine at their site, limited by money and spare power. Left out are bids that have no effect: they
/// are below `least`, the lowest price at which one can be filled, and below `best`, another price at which somebody buys.
fn bids(
    resale: &Resale,
    world: &World<'_>,
    (model, unit): (ModelId, &Unit),
    buyers: &[Buyer],
    least: f64,
    mut best: f64,
) -> Vec<Order> {
    let population = &*world.population;
    let efficiency = population.models[model].efficiency;
    // By class, a buyer whose bid has no effect: one with dearer power under the same contract bids no more, and has no need of a value.
    let mut idle: Column<ClassId, Option<SiteId>> = Column::filled(None, population.firms.classes.len());
    let bid = |(place, buyer): (usize, &Buyer)| {
        let spare = population.sites.spare_mw(buyer.site) - resale.promised_mw[buyer.site];
        // No bid is below the scrap price: a buyer that cannot afford a machine there has no need of its value.
        if affordable(unit, resale.params.scrap_usd_per_th.max(f64::MIN_POSITIVE), buyer.budget_usd, spare) == 0 {
            return None;
        }
        let price = population.sites.power_price[buyer.site];
        let class = population.firms.class[buyer.firm];
        let terms = world.scenario.terms(world.replica).at(population, buyer.site);
        let sites = &population.sites;
        if idle[class].is_some_and(|other| {
            sites.power_price[other] <= price && terms.contract_at(population, other) == terms.contract
        }) {
            return None;
        }
        let worth = resale.value_usd_per_th(&terms, class, efficiency, price) - resale.params.freight_usd_per_th;
        // With a margin for rounding.
        if worth < least.min(best) * (1.0 - 1e-9) {
            idle[class] = Some(buyer.site);
            return None;
        }
        let units = affordable(unit, worth, buyer.budget_usd, spare);
        if units == 0 || worth < resale.params.scrap_usd_per_th {
            return None;
        }
        best = best.max(worth);
        Some(Order::new(agent(place), name_hash(&population.firms.name[buyer.firm]), units, worth))
    };
    buyers.iter().enumerate().filter_map(bid).collect()
}

fn clear_model(resale: &mut Resale, world: &mut World<'_>, model: ModelId, buyers: &mut [Buyer]) {
    let unit = unit(resale, &world.population, &world.scenario.terms(world.replica), model);
    let mut asks: Vec<Order> = Vec::new();
    for (place, offer) in resale.offers.iter().enumerate() {
        if offer.model == model && offer.units > 0 {
            let key = offer.seller.map_or(u64::MAX, |seller| name_hash(&world.population.firms.name[seller]));
            let agent = agent(place);
            asks.push(Order::new(agent, key, u64::from(offer.units), offer.ask_usd_per_th));
        }
    }
    let scrap = resale.params.scrap_usd_per_th;
    let value = resale.models[model].value_usd_per_th - resale.params.freight_usd_per_th;
    let mut others = Vec::new();
    if let Pricing::Auction(auction) = resale.params.pricing
        && !asks.is_empty()
    {
        outside(&mut others, value, resale.usual_units(&auction, model), scrap, [OUTSIDE, SCRAP]);
    }
    // What the others take at a higher price is not left for a bid below it.
    let (mut left, lowest_ask) = asks
        .iter()
        .fold((0, f64::INFINITY), |(units, lowest): (u64, f64), ask| (units + ask.units, lowest.min(ask.usd_per_th)));
    let takes_all = |bid: &&Order| {
        left = left.saturating_sub(bid.units);
        left == 0
    };
    let least = others.iter().find(takes_all).map_or(lowest_ask, |bid| bid.usd_per_th.max(lowest_ask));
    let sure = if resale.is_auction() { value.max(scrap) } else { f64::INFINITY };
    let mut bids = bids(resale, world, (model, &unit), buyers, least, sure);
    bids.append(&mut others);
    let clearing = match resale.params.pricing {
        Pricing::Auction(_) => {
            let best = bids.iter().map(|bid| bid.usd_per_th).fold(sure, f64::max);
            let clearing = clear(&mut asks, &mut bids);
            resale.models[model].price_usd_per_th = clearing.usd_per_th.unwrap_or(best);
            clearing
        }
        Pricing::Reduced(reduced) => {
            let market = &mut resale.models[model];
            let epsilon = reduced.elasticity[market.generation];
            let target = target_usd_per_th(market.reference_usd_per_th, epsilon, resale.trailing.mean(), resale.start);
            #[expect(clippy::cast_precision_loss, reason = "7")]
            let price = adjusted_usd_per_th(
                market.price_usd_per_th,
                target,
                WEEK as f64,
                reduced.half_life_days,
                resale.params.scrap_usd_per_th,
            );
            market.price_usd_per_th = price;
            // The price is given: bidders at or above it buy, and the rest goes to outside buyers, or at the scrap price to scrap dealers.
            bids.retain(|bid| bid.usd_per_th >= price);
            let rest = if price > resale.params.scrap_usd_per_th { OUTSIDE } else { SCRAP };
            bids.push(Order::new(rest, u64::MAX, u64::MAX / 4, price));
            let units = clear(&mut asks, &mut bids).units;
            Clearing { usd_per_th: Some(price), units }
        }
    };
    resale.models[model].traded = clearing.units;
    if let Some(price) = clearing.usd_per_th.filter(|_| clearing.units > 0) {
        pay(resale, world, (model, &unit), price, &asks, &bids, buyers);
    }
}

/// Transfers money and machines at one price.
fn pay(
    resale: &mut Resale,
    world: &mut World<'_>,
    (model, unit): (ModelId, &Unit),
    price: f64,
    asks: &[Order],
    bids: &[Order],
    buyers: &mut [Buyer],
) {
    #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
    let usd = |units: u64| units as f64 * unit.th * price;
    let of_one = world.population.models[model].unit;
    for ask in asks.iter().filter(|ask| ask.filled > 0) {
        let offer = &mut resale.offers[ask.agent as usize];
        offer.units -= u32::try_from(ask.filled).expect("no more than were offered");
        resale.models[model].whereabouts.listed -= ask.filled;
        let (seller, gross) = (offer.seller, usd(ask.filled));
        resale.gross_usd.0 += gross;
        let net = gross * (1.0 - resale.params.broker_fee);
        let Some(seller) = seller else {
            if let Some((consignment, advance)) = offer.advance {
                #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
                let more = net - ask.filled as f64 * unit.th * advance;
                if more > 0.0 {
                    resale.to_firms_usd += more;
                    let (usd, mh) = resale.more.entry(consignment).or_default();
                    *usd += more;
                    *mh += if advance > 0.0 { 0 } else { (of_one * ask.filled).mh() };
                }
            }
            continue;
        };
        world.ledger.post(seller, Cause::MachinesSold, net);
        resale.to_firms_usd += net;
        if world.ledger.standing[seller].lives() || world.ledger.standing[seller] == Standing::Liquidating {
            world.ledger.pay_for_pledges(seller, net);
        } else {
            world.ledger.post(seller, Cause::Distribution, -net);
        }
        world.emit(EventKind::MachinesSold, seller, of_one * ask.filled, Usd::new(net), Sats::ZERO);
    }
    for bid in bids.iter().filter(|bid| bid.filled > 0) {
        resale.gross_usd.1 += usd(bid.filled);
        let whereabouts = &mut resale.models[model].whereabouts;
        if bid.agent == OUTSIDE || bid.agent == SCRAP {
            *(if bid.agent == OUTSIDE { &mut whereabouts.outside } else { &mut whereabouts.scrapped }) += bid.filled;
            continue;
        }
        whereabouts.transit += bid.filled;
        let Buyer { firm, site, budget_usd } = &mut buyers[bid.agent as usize];
        #[expect(clippy::cast_precision_loss, reason = "machines are counted below 2^53")]
        let freight = bid.filled as f64 * unit.freight_usd;
        world.ledger.post(*firm, Cause::UsedBought, -usd(bid.filled));
        resale.by_firms_usd += usd(bid.filled);
        world.ledger.post(*firm, Cause::Freight, -freight);
        *budget_usd -= usd(bid.filled) + freight;
        resale.promised_mw[*site] += bid.filled * unit.power_mw;
        resale.parcels.push_back(Parcel {
            site: *site,
            model,
            units: u32::try_from(bid.filled).expect("no more than were offered"),
            due: world.clock.now + resale.params.transport_days * DAY_S,
        });
        world.emit(EventKind::MachinesBought, *firm, of_one * bid.filled, Usd::new(usd(bid.filled)), Sats::ZERO);
    }
}
