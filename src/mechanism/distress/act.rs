//! Failure of firms or members of a cohort: restructuring, Chapter 11, or liquidation. The rule is [`crate::mechanism::distress::rule`].

use crate::{
    mechanism::{
        credit::params::Collateral,
        distress::{
            params::Workout,
            rule::{Arrears, Due, Failing, Fate, exchanged, failing_members, fate},
        },
        treasury::rule::part,
    },
    units::{DAY_S, Days, FirmId, Hashrate, LoanId, NanoUsd, Sats, Seconds, Usd},
    world::{
        Event, EventKind, World,
        creditors::distribute,
        distress::{Case, Consignment, Estate, Look, Lost},
        ledger::{Cause, Sale, Standing},
        lots::{nano_usd, ph},
        pledge::{give_up_rest, part_mh, record_taken, take_pledge},
        sale::{consign, dispose_of_all, keep_open, machines_usd, remove_machines},
    },
};

/// Bills that were left unpaid at the last settlement bear interest for the time since. Overdue principal bears that of its loan, overdue interest none.
pub fn charge_late(world: &mut World<'_>, firm: FirmId) {
    let Some(arrears) = world.distress.arrears.get(&firm) else { return };
    let terms = &world.scenario.settlement;
    let years = f64::from(terms.every_days) / 365.0;
    world.ledger[firm].bill += arrears.late.get() * terms.late_rate_per_year * years;
}

/// What a firm has to pay today, before it pays.
#[must_use]
pub fn due(world: &World<'_>, firm: FirmId) -> Due {
    let (interest, principal) = world.ledger.service_due(firm);
    let bills = Usd::new((world.ledger[firm].bill - (interest + principal).usd()).max(0.0));
    Due { bills, interest: Usd::new(interest.usd()), principal: Usd::new(principal.usd()) }
}

/// Arrears begin, end, or outlast the grace period; in the last case the members that cannot pay fail. `asked` is what was due today, old bills
/// included.
pub fn judge(world: &mut World<'_>, firm: FirmId, asked: &Due) {
    let (now, grace_s) = (world.clock.now, world.scenario.settlement.grace_days * DAY_S);
    let late = due(world, firm).bills;
    let (ledger, distress) = (&mut world.ledger, &mut world.distress);
    let unpaid = ledger[firm].bill;
    let behind = unpaid > 0.0;
    match (ledger.standing[firm], behind) {
        (Standing::Ok, true) => {
            let since = if distress.arrears.contains_key(&firm) { ledger.since[firm].get() } else { now };
            ledger.set_standing(firm, Standing::Arrears, since);
            let arrears = Arrears::begin(asked.total(), Usd::new(unpaid)).over(*asked, late);
            distress.arrears.insert(firm, arrears);
            world.emit_whole(EventKind::Arrears, firm, Usd::new(unpaid), Sats::ZERO);
            if now - since >= grace_s {
                default(world, firm);
            }
        }
        (Standing::Ok | Standing::Arrears, false) if distress.arrears.remove(&firm).is_some() => {
            ledger.set_standing(firm, Standing::Ok, now);
        }
        (Standing::Arrears, true) => {
            if let Some(arrears) = distress.arrears.get_mut(&firm) {
                arrears.go_on(asked.total(), Usd::new(unpaid));
                arrears.late = late;
            }
            if now - ledger.since[firm].get() >= grace_s {
                default(world, firm);
            }
        }
        (Standing::Chapter11, _) => review(world, firm, behind),
        _ => {}
    }
}

/// The grace period is over and a bill is unpaid: the members that cannot pay fail.
pub fn default(world: &mut World<'_>, firm: FirmId) {
    let weight = world.population.firms.weight[firm];
    let usd = Usd::new(world.ledger[firm].bill);
    let arrears = world.distress.arrears.remove(&firm).unwrap_or_else(|| Arrears::begin(usd, usd));
    let grace_s = world.scenario.settlement.grace_days.max(1.0) * DAY_S;
    let failing = failing_members(weight, &arrears, (world.clock.now - world.ledger.since[firm].get()) / grace_s);
    let share = failing / weight;
    let installed_mh = world.population.firms.installed_mh[firm];
    let failed = Hashrate::from_mh(part_mh(installed_mh, share));
    world.emit(EventKind::Default, firm, failed, usd, Sats::ZERO);
    let hashrate = (failed, Hashrate::from_mh(installed_mh));
    world.distress.count_default(firm, (failing, weight), hashrate, arrears.first.shares());
    world.ledger.loans.cut_lines(firm, 1.0 - share);
    surrender(world, firm, share);
    world.inventory.failed += Hashrate::from_mh(installed_mh - world.population.firms.installed_mh[firm]);
    if world.ledger[firm].bill <= 0.0 {
        world.ledger.set_standing(firm, Standing::Ok, world.clock.now);
        return;
    }
    let facts = Failing {
        whole: failing >= weight,
        owes: world.ledger.debt[firm] > NanoUsd::ZERO,
        earns: earns(world, firm),
        cover: cover(world, firm),
    };
    match fate(world.scenario.distress.as_ref(), &facts) {
        Fate::Restructured => restructure(world, firm, share, &arrears),
        Fate::Chapter11 => petition(world, firm),
        Fate::Liquidated if facts.whole => liquidate(world, firm),
        Fate::Liquidated => lose_members(world, firm, share),
    }
}

/// Value of what a firm owns over its debts; infinite without debts.
fn cover(world: &World<'_>, firm: FirmId) -> f64 {
    let account = &world.ledger[firm];
    let owned = account.cash + world.usd(Sats::new(account.coins)).get() + machines_usd(world, firm);
    let debt = world.ledger.debt[firm].usd();
    if debt > 0.0 { owned / debt } else { f64::INFINITY }
}

/// Lenders without recourse take their collateral, which settles their claims on the failing members.
fn surrender(world: &mut World<'_>, firm: FirmId, share: f64) {
    let hashrate = Hashrate::from_mh(part_mh(world.population.firms.installed_mh[firm], share));
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        let row = world.ledger.loans.rows[loan];
        if row.principal == NanoUsd::ZERO || row.terms.collateral.pledge().is_none_or(|pledge| pledge.recourse) {
            continue;
        }
        let claim = row.principal.part(share);
        let taken = take_pledge(world, loan, share, Sale::Forced);
        record_taken(world, firm, claim, &taken);
        give_up_rest(world, loan, claim.over(taken.repaid), share, hashrate);
    }
}

/// Whether a firm earns more than all its bills of the day except debt service. Take-or-pay and fixed costs fall due under Chapter 11 as before.
#[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
fn earns(world: &World<'_>, firm: FirmId) -> bool {
    let earned = ph(world.ledger[firm].running_mh) * world.today.sats_per_ph_day / 1e8 * world.today.price.get();
    earned > world.ledger[firm].cost_nusd as f64 * 1e-9
}

/// Creditors of a share of a firm's miners extend their loans, and exchange what nothing covers for equity. Returns the amount that they give up, USD.
fn exchange(world: &mut World<'_>, firm: FirmId, share: f64, workout: &Workout) -> Usd {
    let cut = exchanged(workout, cover(world, firm));
    let mut given_up = Usd::ZERO;
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        given_up += stretch(world, loan, share, cut, workout.extension_months);
    }
    given_up
}

/// Creditors of the failing members defer their claims; bills for power and other costs must still be paid.
fn restructure(world: &mut World<'_>, firm: FirmId, share: f64, arrears: &Arrears) {
    let Some(workout) = world.scenario.distress.as_ref() else { return };
    let forgiven = exchange(world, firm, share, workout);
    let weight = world.population.firms.weight[firm];
    world.distress.count_restructured(firm, weight * share, weight);
    world.emit_whole(EventKind::Restructuring, firm, forgiven, Sats::ZERO);
    let ledger = &mut world.ledger;
    let left = Usd::new(ledger[firm].bill);
    if left > Usd::ZERO {
        ledger.since[firm] = Seconds::new(world.clock.now);
        // Deferred amounts were not paid, but are no longer claimed.
        let asked = arrears.asked - (arrears.unpaid - left);
        let rest = Arrears::begin(asked, left).over(arrears.first, left);
        world.distress.arrears.insert(firm, rest);
    } else {
        ledger.set_standing(firm, Standing::Ok, world.clock.now);
    }
}

/// Restructures a loan: a cut of principal and a longer term. Returns the amount that the lender gives up.
fn stretch(world: &mut World<'_>, loan: LoanId, share: f64, cut: f64, months: f64) -> Usd {
    if world.ledger.loans.rows[loan].principal == NanoUsd::ZERO {
        return Usd::ZERO;
    }
    let forgiven = Usd::new(world.ledger.stretch(loan, (share, cut, months), world.clock.now).usd());
    world.lose(forgiven);
    forgiven
}

/// The firm files for Chapter 11: old bills are stayed, interest stops.
fn petition(world: &mut World<'_>, firm: FirmId) {
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        world.ledger.stretch(loan, (0.0, 0.0, 0.0), world.clock.now);
    }
    let ledger = &mut world.ledger;
    let stayed = Usd::new(std::mem::take(&mut ledger[firm].bill));
    let look = balance(world, firm);
    world.distress.cases.insert(firm, Case::new(stayed, look));
    world.ledger.set_standing(firm, Standing::Chapter11, world.clock.now);
    world.distress.count_chapter11(firm, world.population.firms.weight[firm]);
    world.emit_whole(EventKind::Chapter11, firm, stayed, Sats::ZERO);
}

/// The balance of a firm now.
fn balance(world: &World<'_>, firm: FirmId) -> Look {
    let account = &world.ledger[firm];
    Look { at: world.now(), cash: Usd::new(account.cash), coins: Sats::new(account.coins) }
}

/// Reviews a firm under Chapter 11 after a settlement: it continues, emerges, or is liquidated.
pub fn review(world: &mut World<'_>, firm: FirmId, behind: bool) {
    let now = balance(world, firm);
    let (Some(workout), Some(case)) = (world.scenario.distress.as_ref(), world.distress.cases.get_mut(&firm)) else {
        return;
    };
    let (since, stayed) = (case.since, case.stayed);
    let then = case.look(now, Days::new(workout.burn_days).into());
    let burned = then.is_some_and(|then| now.cash - then.cash + world.usd(now.coins - then.coins) < Usd::ZERO);
    if behind || burned {
        liquidate(world, firm);
    } else if workout.chapter11_days.is_some_and(|days| now.at - since >= Days::new(days).into()) {
        emerge(world, firm, stayed);
    }
}

/// A firm emerges from Chapter 11: its debts are restructured, and old bills are paid as far as its cash goes.
fn emerge(world: &mut World<'_>, firm: FirmId, stayed: Usd) {
    let Some(workout) = world.scenario.distress.as_ref() else { return };
    world.distress.cases.remove(&firm);
    let forgiven = exchange(world, firm, 1.0, workout);
    world.ledger[firm].bill += stayed.get();
    world.ledger.pay_bill(firm);
    world.ledger[firm].bill = 0.0;
    world.ledger.set_standing(firm, Standing::Ok, world.clock.now);
    world.emit_whole(EventKind::Chapter11End, firm, forgiven, Sats::ZERO);
}

/// Begins the liquidation of a firm: its machines are removed, its debts are due, its coins are sold over the following days.
pub fn liquidate(world: &mut World<'_>, firm: FirmId) {
    if let Some(case) = world.distress.cases.remove(&firm) {
        world.ledger[firm].bill += case.stayed.get();
    }
    world.ledger.accrue(firm, world.clock.now);
    world.ledger.pay_out(firm);
    world.ledger.set_standing(firm, Standing::Liquidating, world.clock.now);
    let usd = dispose_of_all(world, firm);
    let installed_mh = world.population.firms.installed_mh[firm];
    world.inventory.failed += Hashrate::from_mh(installed_mh);
    world.ledger.pay_for_pledges(firm, usd);
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        let row = world.ledger.loans.rows[loan];
        world.distress.tally.collateral_machines += Hashrate::from_mh(part_mh(installed_mh, row.charge));
        let claim = world.ledger.loans.rows[loan].principal;
        world.ledger.accelerate(loan, claim);
    }
    let days_left = world.scenario.distress.as_ref().map_or(1, |workout| workout.liquidation_days);
    let waits = world.distress.consignments.last().is_some_and(|last| last.firm == firm);
    let mut estate = Estate { firm, days_left, coins: Sats::ZERO, waits };
    if days_left == 1 {
        sell_estate(world, &mut estate);
    }
    if estate.days_left > 0 || waits {
        world.distress.estates.push(estate);
    }
}

/// Advances all liquidations by a day.
pub fn wind_estates(world: &mut World<'_>) {
    let mut estates = std::mem::take(&mut world.distress.estates);
    estates.retain_mut(|estate| {
        if estate.days_left > 0 {
            sell_estate(world, estate);
        }
        estate.days_left > 0 || estate.waits
    });
    world.distress.estates = estates;
}

/// Estates no longer wait for the auction.
pub fn end_wait(world: &mut World<'_>) {
    let mut estates = std::mem::take(&mut world.distress.estates);
    estates.retain_mut(|estate| {
        if std::mem::take(&mut estate.waits) && estate.days_left == 0 {
            close_estate(world, estate);
        }
        estate.days_left > 0
    });
    world.distress.estates = estates;
}

/// A firm in liquidation sells a day's part of its coins, pledged ones first; after the last sale the proceeds are distributed.
fn sell_estate(world: &mut World<'_>, estate: &mut Estate) {
    let firm = estate.firm;
    let mut today = world.ledger[firm].coins.div_euclid(i64::from(estate.days_left));
    if estate.days_left == 1 {
        today = world.ledger[firm].coins;
    }
    estate.days_left -= 1;
    estate.coins += Sats::new(today);
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        let sats = world.ledger.loans.rows[loan].pledged.min(today);
        if sats > 0 {
            today -= sats;
            world.ledger.pledge(loan, -sats);
            world.ledger.sell(firm, sats, world.today.price, Sale::Liquidation);
            world.distress.tally.collateral_coins += Sats::new(sats);
            let claim = world.ledger.loans.rows[loan].principal;
            world.ledger.repay(loan, world.usd(Sats::new(sats)).get(), claim);
        }
    }
    world.ledger.sell(firm, today, world.today.price, Sale::Liquidation);
    if estate.days_left == 0 && !estate.waits {
        close_estate(world, estate);
    }
}

/// All coins and machines are sold: the proceeds are distributed, and the firm ceases to exist.
fn close_estate(world: &mut World<'_>, estate: &Estate) {
    let firm = estate.firm;
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        world.ledger.loans.rows[loan].charge = 0.0;
    }
    let lost = Usd::new(distribute(world, firm).lenders().usd());
    world.lose(lost);
    world.ledger.set_standing(firm, Standing::Liquidated, world.clock.now);
    world.distress.tally.liquidated += world.population.firms.weight[firm];
    world.emit_whole(EventKind::Liquidation, firm, lost, estate.coins);
}

/// The failing share of a cohort is liquidated at once, with its share of all assets and debts; the other members have paid.
fn lose_members(world: &mut World<'_>, firm: FirmId, share: f64) {
    let before_mh = world.population.firms.installed_mh[firm];
    let hashrate = Hashrate::from_mh(part_mh(before_mh, share));
    let (mut sold, mut left) = (Sats::ZERO, 1.0);
    consign(world, firm, None, false);
    for loan in world.ledger.loans.of(firm).collect::<Vec<_>>() {
        let claim = world.ledger.loans.rows[loan].principal.part(share);
        let taken = take_pledge(world, loan, share, Sale::Liquidation);
        world.ledger.accelerate(loan, claim.over(taken.repaid));
        sold += taken.coins;
        left *= 1.0 - taken.machines;
    }
    // Collateral has been taken already: the share of the remaining machines that completes the failing share of the original total.
    let rest = if left > 0.0 { 1.0 - (1.0 - share) / left } else { 0.0 };
    let usd = remove_machines(world, firm, rest);
    world.ledger.post(firm, Cause::MachinesSold, usd);
    world.inventory.failed += Hashrate::from_mh(before_mh - world.population.firms.installed_mh[firm]);
    let coins = part(world.ledger.free(firm), share);
    world.ledger.sell(firm, coins, world.today.price, Sale::Liquidation);
    let short = distribute(world, firm);
    world.ledger.set_standing(firm, Standing::Ok, world.clock.now);
    // If the remaining members miss their next payment too, their arrears have begun today.
    world.distress.arrears.insert(firm, Arrears::default());
    shrink(world, firm, share);
    let weight = world.population.firms.weight[firm] * share / (1.0 - share);
    world.distress.count_lost(firm, weight);
    let usd = Usd::new(short.lenders().usd());
    let coins = sold + Sats::new(coins);
    if world.distress.consignments.last().is_some_and(|last| last.firm == firm && last.loan.is_none()) {
        let (time, kind) = (world.now(), EventKind::Liquidation);
        keep_open(world, short, Some(Event { time, kind, firm: Some(firm), hashrate, usd, coins }));
    } else {
        world.lose(usd);
        world.emit(EventKind::Liquidation, firm, hashrate, usd, coins);
    }
}

/// Shrinks a cohort: fewer owners, smaller payments, a smaller treasury target, smaller credit lines.
#[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
fn shrink(world: &mut World<'_>, firm: FirmId, share: f64) {
    let left = 1.0 - share;
    let ledger = &mut world.ledger;
    let population = &mut *world.population;
    // Fixed costs that belong to no machine.
    let by_lot: i64 = population.lots_of_firm(firm).map(|lot| population.lots.fixed_nusd[lot]).sum();
    let firms = &mut population.firms;
    let own = nano_usd((firms.fixed_nusd[firm] - by_lot) as f64 * 1e-9 * share);
    firms.weight[firm] *= left;
    firms.fixed_nusd[firm] -= own;
    firms.full_cost_nusd[firm] -= own;
    ledger.accrue(firm, world.clock.now);
    ledger[firm].cost_nusd -= own;
    ledger.target_sats[firm] -= part(ledger.target_sats[firm], share);
    ledger.loans.shrink(firm, left);
}

/// After the auction: proceeds beyond the broker's advances are passed on, and waiting estates continue.
pub fn pass_on(world: &mut World<'_>, more_usd: &[(usize, f64)]) {
    let consignments = std::mem::take(&mut world.distress.consignments);
    let mut more = more_usd.iter().copied().peekable();
    for (index, consignment) in consignments.into_iter().enumerate() {
        let usd = more.next_if(|&(known, _)| known == index).map_or(0.0, |(_, usd)| usd);
        pay_creditors(world, consignment, usd);
    }
    end_wait(world);
}

/// Creditors with unpaid claims receive the auction proceeds beyond the advance, by priority; the rest belongs to the firm, or to the owners of
/// failed members. Lenders' losses are final now.
fn pay_creditors(world: &mut World<'_>, consignment: Consignment, usd: f64) {
    let Consignment { firm, loan, short, failed } = consignment;
    let claims = short.lenders().usd();
    world.ledger.post(firm, Cause::MachinesSold, usd);
    let on_machines =
        |lost: &&Lost| matches!(world.ledger.loans.rows[lost.loan].terms.collateral, Collateral::Machines(_));
    let (on_machines, others): (Vec<Lost>, Vec<Lost>) = short.lost.iter().partition(on_machines);
    let mut left = usd;
    for lost in on_machines {
        left -= recover(world, &lost, left);
    }
    let bills = short.bills.get().min(left);
    world.ledger.post(firm, Cause::Bills, -bills);
    left -= bills;
    for lost in others {
        left -= recover(world, &lost, left);
    }
    let loss = Usd::new((claims - (usd - left - bills)).max(0.0));
    world.lose(loss);
    let of_members = failed.is_some();
    let time = world.now();
    world.events.extend(failed.map(|failed| Event { time, usd: loss, ..failed }));
    if let Some(loan) = loan {
        let due = world.ledger.loans.rows[loan].due;
        left -= world.ledger.repay(loan, left, due).usd();
    }
    let left = left.clamp(0.0, world.ledger[firm].cash);
    let standing = world.ledger.standing[firm];
    if of_members || !(standing.lives() || standing == Standing::Liquidating) {
        world.ledger.post(firm, Cause::Distribution, -left);
    } else if loan.is_none() {
        world.ledger.pay_for_pledges(firm, left);
    }
}

/// Repays a lender's loss as far as `usd` goes. Returns the amount repaid, USD.
fn recover(world: &mut World<'_>, lost: &Lost, usd: f64) -> f64 {
    let firm = world.ledger.loans.rows[lost.loan].firm;
    let back = NanoUsd::nearest(usd.min(world.ledger[firm].cash)).min(lost.principal + lost.interest);
    let interest = back.min(lost.interest);
    world.ledger.post(firm, Cause::Interest, -interest.usd());
    world.ledger.recover(lost.loan, back - interest);
    back.usd()
}
