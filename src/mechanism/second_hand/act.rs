//! Operation of the market of used machines: machines arrive, cohorts give up, and once a week the offers are cleared.

use super::clearing::{clear_all, unit};
use crate::{
    market::rigs::Pricing,
    units::{DAY_S, FirmId, Hashrate, LotId, Sats, Usd},
    world::{EventKind, Offer, Parcel, Resale, WEEK, World, creditors::can_pay_all, is_idle},
};

/// Auction proceeds beyond the broker's advances, by consignment, USD. Machines without an advance are recorded as sold now; the others were recorded
/// when the broker took them, and only the additional money is recorded.
pub fn proceeds(world: &mut World<'_>) -> Vec<(usize, f64)> {
    let Some(resale) = &mut world.resale else { return Vec::new() };
    let more = std::mem::take(&mut resale.more);
    for (&consignment, &(usd, mh)) in &more {
        let firm = world.distress.consignments[consignment].firm;
        let kind = if mh > 0 { EventKind::MachinesSold } else { EventKind::MachinesPaid };
        world.emit(kind, firm, Hashrate::from_mh(mh), Usd::new(usd), Sats::ZERO);
    }
    more.into_iter().map(|(consignment, (usd, _))| (consignment, usd)).collect()
}

/// Offers machines of a lot, at no less than their value at their present site.
fn offer(resale: &mut Resale, world: &mut World<'_>, lot: LotId, units: u32) {
    let lots = &world.population.lots;
    let (seller, model, site) = (lots.firm[lot], lots.model[lot], lots.site[lot]);
    let (efficiency, left) = (lots.efficiency[lot], lots.units[lot] - units);
    let price = world.population.sites.power_price[site];
    let class = world.population.firms.class[seller];
    world.fleet.set_units(
        &mut world.population,
        &mut world.ledger,
        &world.scenario.terms(world.replica),
        lot,
        left,
        world.clock.now,
    );
    let terms = world.scenario.terms(world.replica).at(&world.population, site);
    let worth = resale.value_usd_per_th(&terms, class, efficiency, price);
    let takes_any = matches!(resale.params.pricing, Pricing::Reduced(_));
    let ask = if takes_any { resale.params.scrap_usd_per_th } else { worth.max(resale.params.scrap_usd_per_th) };
    resale.consign(Offer { seller: Some(seller), model, units, ask_usd_per_th: ask, advance: None });
}

/// Members of cohorts whose lots have been off for too long sell their machines and leave: the weight shrinks with the hashrate.
fn exit_cohorts(resale: &mut Resale, world: &mut World<'_>) {
    let since = world.clock.now - resale.params.cohort_exit_days * DAY_S;
    let idle: Vec<LotId> = world.fleet.idle_since(since).collect();
    for lot in idle {
        let lots = &world.population.lots;
        let firm = lots.firm[lot];
        let weight = world.population.firms.weight[firm];
        if weight <= 1.0 || !is_idle(&world.population, &world.fleet, lot) {
            continue;
        }
        let before = world.population.firms.installed_mh[firm];
        let hashrate = lots.unit[lot] * u64::from(lots.units[lot]);
        let (units, site) = (lots.units[lot], lots.site[lot]);
        let load = world.population.sites.used_mw[site];
        offer(resale, world, lot, units);
        // The capacity of leaving members leaves with them.
        let sites = &mut world.population.sites;
        sites.capacity_mw[site] -= load - sites.used_mw[site];
        let after = world.population.firms.installed_mh[firm];
        #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
        let left = after as f64 / before as f64;
        if after > 0 {
            world.population.firms.weight[firm] = weight * left;
            world.emit(EventKind::Exit, firm, hashrate, Usd::ZERO, Sats::ZERO);
        } else {
            resale.leaving.push(firm);
        }
    }
}

/// Cohorts whose last machines have been sold and that can pay all their debts: they leave. The others stay for their creditors.
fn gone_cohorts(resale: &mut Resale, world: &mut World<'_>) -> Vec<FirmId> {
    let mut gone = Vec::new();
    resale.leaving.retain(|&firm| {
        let waits = || resale.offers.iter().any(|offer| offer.seller == Some(firm));
        let (lives, empty) = (world.ledger.standing[firm].lives(), world.population.firms.installed_mh[firm] == 0);
        if lives && empty && can_pay_all(&world.ledger, firm, world.today.price) && !waits() {
            gone.push(firm);
            return false;
        }
        lives && empty
    });
    for &firm in &gone {
        world.emit(EventKind::Exit, firm, Hashrate::ZERO, Usd::ZERO, Sats::ZERO);
    }
    gone
}

/// Advances the market by a day; once a week it clears. Returns the cohorts that leave.
pub fn trade(world: &mut World<'_>) -> Vec<FirmId> {
    let Some(mut resale) = world.resale.take() else { return Vec::new() };
    let mut leaving = Vec::new();
    resale.trailing.push(world.hashprice());
    if world.clock.days.is_multiple_of(WEEK) {
        resale.meet_models(&world.population, &world.terms());
        resale.promised_mw.reach(world.population.sites.len(), 0);
        exit_cohorts(&mut resale, world);
        clear_all(&mut resale, world);
        resale.version += 1;
        leaving = gone_cohorts(&mut resale, world);
    }
    world.resale = Some(resale);
    leaving
}

/// Installs machines whose transport has ended.
pub fn arrive(world: &mut World<'_>) {
    if let Some(mut resale) = world.resale.take_if(|resale| resale.is_due(world.clock.now)) {
        install(&mut resale, world);
        world.resale = Some(resale);
    }
}

fn install(resale: &mut Resale, world: &mut World<'_>) {
    while resale.parcels.front().is_some_and(|parcel| parcel.due <= world.clock.now) {
        let Some(Parcel { site, model, units, .. }) = resale.parcels.pop_front() else { return };
        let power = unit(resale, &world.population, &world.scenario.terms(world.replica), model).power_mw;
        resale.promised_mw[site] -= power * u64::from(units);
        resale.models[model].whereabouts.transit -= u64::from(units);
        let firm = world.population.sites.firm[site];
        if !world.ledger.standing[firm].lives() {
            // The buyer failed meanwhile: they are sold for its creditors, or its owners if the assets were already distributed.
            resale.take_in(firm, model, units);
            continue;
        }
        // If new machines or tenants have taken their place meanwhile, they are offered again.
        let room = world.population.sites.spare_mw(site) / power.max(1);
        let fit = units.min(u32::try_from(room).unwrap_or(u32::MAX));
        resale.take_in(firm, model, units - fit);
        if fit > 0 {
            let hashrate = world.population.models[model].unit * u64::from(fit);
            world.fleet.install(
                &mut world.population,
                &mut world.ledger,
                &world.scenario.terms(world.replica),
                site,
                model,
                fit,
                world.clock.now,
            );
            world.emit(EventKind::MachinesArrive, firm, hashrate, Usd::ZERO, Sats::ZERO);
        }
    }
}
