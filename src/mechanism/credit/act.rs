//! Borrowing at the start and when cash is short, collateral, and lenders' reaction when its value falls.

use crate::{
    mechanism::{
        credit::{
            loan::Loan,
            params::{Collateral, LoanTerms, Pledge},
            rule::{Margin, margin, to_restore},
        },
        treasury::rule::part,
    },
    units::{DAY_S, FirmId, Hashrate, Id, LoanId, NanoUsd, Sats, Usd},
    world::{
        EventKind, World,
        ledger::{Cause, Sale, Standing},
        lots::ph,
        pledge::{charge_machines, give_up_rest, most_on_machines, part_mh, pledged_usd, record_taken, take_pledge},
        sale::machines_usd,
    },
};

/// Creates the debts of all firms at the start.
pub fn lend(world: &mut World<'_>) {
    let usual = [world.scenario.settlement.loan()];
    let classes = world.terms().classes;
    for firm in world.population.firms.ids() {
        let firms = &world.population.firms;
        let written = classes.get(firms.class[firm].row()).map_or(&[][..], |class| &class.loans);
        let loans: &[LoanTerms] = if written.is_empty() { &usual } else { written };
        let (debt, installed_th) = (firms.debt[firm], ph(firms.installed_mh[firm]) * 1e3);
        lend_to(world, firm, debt, installed_th, loans);
    }
}

/// Creates the debts of a firm at the start: each loan gets its share of the class's debt, limited by what its collateral
/// allows unless the principal is a known fact.
fn lend_to(world: &mut World<'_>, firm: FirmId, debt_usd: f64, installed_th: f64, loans: &[LoanTerms]) {
    for terms in loans {
        let wanted = debt_usd * terms.share;
        let principal = if terms.capped { wanted.min(most_on_pledge(world, firm, terms)) } else { wanted };
        if principal > 0.0 || terms.undrawn_usd_per_th > 0.0 {
            let loan = world.ledger.owe(firm, *terms, NanoUsd::nearest(principal), world.clock.now);
            let row = &mut world.ledger.loans.rows[loan];
            row.undrawn = NanoUsd::nearest(terms.undrawn_usd_per_th * installed_th);
            pledge_for(world, loan, principal);
        }
    }
}

/// Credit that a firm may still draw: zero under Chapter 11.
pub fn available(world: &World<'_>, firm: FirmId) -> Usd {
    if world.ledger.standing[firm] == Standing::Chapter11 {
        return Usd::ZERO;
    }
    Usd::new(world.ledger.loans.of(firm).map(|loan| room(world, loan)).fold(0.0, f64::max))
}

/// Credit that a firm may still draw on the line of one loan, USD: zero during a freeze.
fn room(world: &World<'_>, loan: LoanId) -> f64 {
    let row = &world.ledger.loans.rows[loan];
    if row.undrawn == NanoUsd::ZERO || !world.lends() {
        return 0.0;
    }
    row.undrawn.usd().min(most_on_pledge(world, row.firm, &row.terms))
}

/// A firm draws on the loan with the largest available credit: a new loan on the same terms, from now on.
pub fn draw(world: &mut World<'_>, firm: FirmId, most: Usd) {
    let room = |loan: LoanId| room(world, loan);
    let Some(line) = world.ledger.loans.of(firm).max_by(|&a, &b| room(a).total_cmp(&room(b)).then(b.cmp(&a))) else {
        return;
    };
    let terms = world.ledger.loans.rows[line].terms;
    let drawn = NanoUsd::nearest(most.get().min(room(line))).min(world.ledger.loans.rows[line].undrawn);
    if drawn <= NanoUsd::ZERO {
        return;
    }
    let usd = drawn.usd();
    world.ledger.loans.rows[line].undrawn -= drawn;
    let loan = world.ledger.owe(firm, terms, drawn, world.clock.now);
    world.ledger.post(firm, Cause::LoanDrawn, usd);
    pledge_for(world, loan, usd);
    world.emit_whole(EventKind::LoanDrawn, firm, Usd::new(usd), Sats::ZERO);
}

/// Maximum loan against unpledged collateral, USD; infinite if unsecured.
fn most_on_pledge(world: &World<'_>, firm: FirmId, terms: &LoanTerms) -> f64 {
    match terms.collateral {
        Collateral::None => f64::INFINITY,
        Collateral::Coins(pledge) => pledge.loan_to_value * world.usd(Sats::new(world.ledger.free(firm))).get(),
        Collateral::Machines(pledge) => most_on_machines(&world.ledger, firm, &pledge, machines_usd(world, firm)),
    }
}

/// Pledges the collateral of a new loan of `usd`.
fn pledge_for(world: &mut World<'_>, loan: LoanId, usd: f64) {
    if usd <= 0.0 {
        return;
    }
    let row = world.ledger.loans.rows[loan];
    let firm = row.firm;
    match row.terms.collateral {
        Collateral::None => {}
        Collateral::Coins(pledge) => {
            let sats = world.coins(Usd::new(usd / pledge.loan_to_value)).get().min(world.ledger.free(firm));
            world.ledger.pledge(loan, sats);
        }
        Collateral::Machines(pledge) => {
            let worth = machines_usd(world, firm);
            charge_machines(&mut world.ledger, loan, &pledge, usd, worth);
        }
    }
}

/// Interest and principal fall due, unless the firm is under Chapter 11.
pub fn fall_due(world: &mut World<'_>, firm: FirmId) {
    if world.ledger.standing[firm] != Standing::Chapter11 {
        world.ledger.fall_due(firm, world.clock.now);
    }
}

/// Every day lenders value their collateral, call for more, take it if the call is not met, and release the excess.
pub fn call_margins(world: &mut World<'_>) {
    let mut secured = std::mem::take(&mut world.ledger.loans.secured);
    secured.retain(|&loan| {
        look_at(world, loan);
        let row = &world.ledger.loans.rows[loan];
        row.principal > NanoUsd::ZERO || row.pledged > 0 || row.charge > 0.0
    });
    world.ledger.loans.secured = secured;
}

/// The lender values the collateral of a loan.
fn look_at(world: &mut World<'_>, loan: LoanId) {
    let row = &world.ledger.loans.rows[loan];
    let firm = row.firm;
    let stands = matches!(world.ledger.standing[firm], Standing::Ok | Standing::Arrears);
    let Some(&pledge) = row.terms.collateral.pledge().filter(|_| stands && (row.pledged > 0 || row.charge > 0.0))
    else {
        return;
    };
    let pledge = &pledge;
    let judge = |world: &World<'_>| {
        let row = &world.ledger.loans.rows[loan];
        let since = row.called.is_finite().then(|| (world.clock.now - row.called) / DAY_S);
        margin(pledge, row.loan_to_value(pledged_usd(world, loan)), since)
    };
    let mut verdict = judge(world);
    if verdict != Margin::Fine {
        if row.called.is_infinite() {
            let principal = row.principal.usd();
            world.ledger.loans.rows[loan].called = world.clock.now;
            world.distress.tally.margin_calls += world.population.firms.weight[firm];
            world.emit_whole(EventKind::MarginCall, firm, Usd::new(principal), Sats::ZERO);
        }
        answer(world, loan, pledge);
        verdict = judge(world);
    }
    match verdict {
        Margin::Fine => {
            let row = &mut world.ledger.loans.rows[loan];
            if row.called.is_finite() {
                row.called = f64::INFINITY;
                row.backed = row.principal;
            }
            release(world, loan, pledge);
        }
        Margin::Call => {}
        Margin::Take => foreclose(world, loan, pledge),
    }
}

/// A firm that receives a call pledges its unpledged assets, then pays.
fn answer(world: &mut World<'_>, loan: LoanId, pledge: &Pledge) {
    let row = world.ledger.loans.rows[loan];
    let firm = row.firm;
    let (post, _) = to_restore(pledge, row.principal.usd(), pledged_usd(world, loan));
    match row.terms.collateral {
        Collateral::None => {}
        Collateral::Coins(_) => {
            let sats = world.coins(Usd::new(post)).get().min(world.ledger.free(firm));
            pledge_more(world, loan, sats, 0.0);
        }
        Collateral::Machines(_) => {
            let free = (1.0 - world.ledger.loans.charged_share(firm)).max(0.0);
            let worth = machines_usd(world, firm);
            if worth > 0.0 {
                pledge_more(world, loan, 0, (post / worth).min(free));
            }
        }
    }
    let (_, pay) = to_restore(pledge, row.principal.usd(), pledged_usd(world, loan));
    world.ledger.repay(loan, pay, row.principal);
}

/// A part of the principal has been repaid: the same part of the collateral is released, as far as L0 allows; all of it with the last.
fn release(world: &mut World<'_>, loan: LoanId, pledge: &Pledge) {
    let row = &world.ledger.loans.rows[loan];
    if row.principal >= row.backed {
        return;
    }
    let row = *row;
    let repaid = 1.0 - row.principal.usd() / row.backed.usd();
    let needed = row.loan_to_value(pledged_usd(world, loan)) / pledge.loan_to_value;
    let share = repaid.min(1.0 - needed);
    if share > 0.0 {
        pledge_more(world, loan, -part(row.pledged, share), -row.charge * share);
        world.ledger.loans.rows[loan].backed = row.principal.max(row.backed.part(1.0 - share));
    }
}

/// Adds coins and a share of the firm's machines to the pledge of a loan; negative amounts release them.
fn pledge_more(world: &mut World<'_>, loan: LoanId, sats: i64, machines: f64) {
    if sats == 0 && machines == 0.0 {
        return;
    }
    let firm = world.ledger.loans.rows[loan].firm;
    world.ledger.pledge(loan, sats);
    world.ledger.charge(loan, machines);
    let more = sats > 0 || machines > 0.0;
    let kind = if more { EventKind::CollateralAdded } else { EventKind::CollateralReleased };
    let hash_mh = part_mh(world.population.firms.installed_mh[firm], machines.abs());
    let coins = Sats::new(sats.abs());
    let usd = world.usd(coins) + Usd::new(machines.abs() * machines_usd(world, firm));
    world.emit(kind, firm, Hashrate::from_mh(hash_mh), usd, coins);
}

/// The lender takes as much of the collateral as the loan needs; the rest is released. The uncovered part of the claim is due at once, or lost.
fn foreclose(world: &mut World<'_>, loan: LoanId, pledge: &Pledge) {
    let Loan { firm, principal, .. } = world.ledger.loans.rows[loan];
    let of_firm = Hashrate::from_mh(world.population.firms.installed_mh[firm]);
    let taken = take_pledge(world, loan, 1.0, Sale::Forced);
    record_taken(world, firm, principal, &taken);
    let row = &mut world.ledger.loans.rows[loan];
    row.called = f64::INFINITY;
    let rest = row.principal;
    world.ledger.loans.cut_lines(firm, 0.0);
    if pledge.recourse {
        world.ledger.accelerate(loan, rest);
    } else if rest > NanoUsd::ZERO {
        give_up_rest(world, loan, rest, 1.0, of_firm);
    }
}
