//! Collateral of loans, and how lenders take it.

use super::{EventKind, World, creditors::give_up_claim, sale};
use crate::{
    mechanism::{
        credit::params::{LoanTerms, Pledge},
        treasury::rule::part,
    },
    units::{FirmId, Hashrate, LoanId, NanoUsd, Sats, Usd},
    world::{
        distress::Short,
        ledger::{Cause, Ledger, Sale},
    },
};

/// Collateral that a lender has taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// Coins sold.
    pub coins: Sats,
    /// Amount repaid by it.
    pub repaid: NanoUsd,
    /// Share of the firm's machines.
    pub machines: f64,
    /// Hashrate of that share.
    pub hashrate: Hashrate,
}

/// Maximum further loan on a firm's machines, which are worth `worth_usd` in all, USD.
#[must_use]
pub fn most_on_machines(ledger: &Ledger, firm: FirmId, pledge: &Pledge, worth_usd: f64) -> f64 {
    pledge.loan_to_value * (1.0 - ledger.loans.charged_share(firm)).max(0.0) * worth_usd
}

/// A new loan of `usd` takes a charge on a share of a firm's machines, which are worth `worth_usd` in all.
pub fn charge_machines(ledger: &mut Ledger, loan: LoanId, pledge: &Pledge, usd: f64, worth_usd: f64) {
    let firm = ledger.loans.rows[loan].firm;
    let free = (1.0 - ledger.loans.charged_share(firm)).max(0.0);
    ledger.charge(loan, (usd / pledge.loan_to_value / worth_usd).min(free));
}

/// Maximum that a firm can borrow on its unpledged machines, USD; 0 during a freeze.
#[must_use]
pub fn credit(world: &World<'_>, firm: FirmId, terms: &LoanTerms) -> f64 {
    let Some(pledge) = terms.collateral.pledge().filter(|_| world.lends()) else { return 0.0 };
    most_on_machines(&world.ledger, firm, pledge, sale::machines_usd(world, firm))
}

/// A firm borrows on its machines.
pub fn borrow(world: &mut World<'_>, firm: FirmId, terms: &LoanTerms, usd: f64) {
    let Some(pledge) = terms.collateral.pledge() else { return };
    let worth = sale::machines_usd(world, firm);
    let loan = world.ledger.owe(firm, *terms, NanoUsd::nearest(usd), world.clock.now);
    world.ledger.post(firm, Cause::LoanDrawn, usd);
    charge_machines(&mut world.ledger, loan, pledge, usd, worth);
}

/// A lender without recourse has taken the pledge of a share of a firm's miners, and gives up the uncovered rest of the claim. `hashrate` is
/// that of these miners before.
pub fn give_up_rest(world: &mut World<'_>, loan: LoanId, rest: NanoUsd, share: f64, hashrate: Hashrate) {
    let firm = world.ledger.loans.rows[loan].firm;
    let lost = give_up_claim(world, loan, rest);
    let usd = Usd::new((lost.principal + lost.interest).usd());
    if world.distress.consignments.last().is_some_and(|last| last.loan == Some(loan)) {
        sale::keep_open(world, Short { bills: Usd::ZERO, lost: vec![lost] }, None);
    } else {
        world.lose(usd);
    }
    let weight = world.population.firms.weight[firm];
    world.distress.count_surrendered(firm, weight * share, weight);
    world.emit(EventKind::Surrender, firm, hashrate, usd, Sats::ZERO);
}

/// Records that a lender took collateral for a claim.
pub fn record_taken(world: &mut World<'_>, firm: FirmId, claim: NanoUsd, taken: &Taken) {
    world.emit(EventKind::CollateralTaken, firm, taken.hashrate, Usd::new(claim.usd()), taken.coins);
}

/// A lender takes a share of a loan's collateral and sells as much of it as repays that share of the loan. The excess stays with the firm.
pub fn take_pledge(world: &mut World<'_>, loan: LoanId, share: f64, sale: Sale) -> Taken {
    let row = world.ledger.loans.rows[loan];
    let firm = row.firm;
    let claim = row.principal.part(share);
    let mut all = Taken::default();
    world.ledger.loans.rows[loan].backed = row.backed.part(1.0 - share);
    if row.pledged > 0 {
        let taken = part(row.pledged, share).min(row.pledged);
        world.ledger.pledge(loan, -taken);
        all.coins = Sats::new(taken).min(world.coins(Usd::new(claim.usd())));
        world.ledger.sell(firm, all.coins.get(), world.today.price, sale);
        world.distress.tally.collateral_coins += all.coins;
        all.repaid = world.ledger.repay(loan, world.usd(all.coins).get(), claim);
    }
    if row.charge > 0.0 {
        let before = world.population.firms.installed_mh[firm];
        if sale == Sale::Forced {
            sale::consign(world, firm, Some(loan), true);
        }
        let usd = sale::sell_charged_machines(world, firm, row.charge * share, claim.usd());
        let taken = before - world.population.firms.installed_mh[firm];
        all.hashrate = Hashrate::from_mh(taken);
        world.distress.tally.collateral_machines += all.hashrate;
        world.ledger.post(firm, Cause::MachinesSold, usd);
        all.repaid = world.ledger.repay(loan, usd, claim);
        all.machines = share_of(taken, before).min(row.charge * share);
        rescale_charges(world, loan, share, all.machines);
    }
    all
}

/// Rescales the firm's charges, as shares of its remaining machines, after `taken` of the machines were sold for `share` of one loan.
fn rescale_charges(world: &mut World<'_>, loan: LoanId, share: f64, taken: f64) {
    let row = &world.ledger.loans.rows[loan];
    let (firm, released) = (row.firm, row.charge * share);
    world.ledger.charge(loan, -released);
    let left = 1.0 - taken;
    let mut next = world.ledger.loans.of(firm).next();
    while let Some(other) = next {
        let row = &mut world.ledger.loans.rows[other];
        row.charge = if left > 0.0 { (row.charge / left).min(1.0) } else { 0.0 };
        next = row.next;
    }
}

/// Value of a loan's collateral, USD.
#[must_use]
pub fn pledged_usd(world: &World<'_>, loan: LoanId) -> f64 {
    let row = &world.ledger.loans.rows[loan];
    let machines = if row.charge > 0.0 { row.charge * sale::machines_usd(world, row.firm) } else { 0.0 };
    world.usd(Sats::new(row.pledged)).get() + machines
}

/// A hashrate as a share of another; zero if that is zero.
#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
fn share_of(mh: u64, of_mh: u64) -> f64 {
    if of_mh == 0 { 0.0 } else { mh as f64 / of_mh as f64 }
}

/// A share of hashrate, MH/s.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "known to 53 bits"
)]
#[must_use]
pub fn part_mh(mh: u64, share: f64) -> u64 {
    if share >= 1.0 { mh } else { (mh as f64 * share) as u64 }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;
    use crate::units::Id;
    use crate::{
        mechanism::credit::params::{Collateral, Repayment},
        world::population::{Firms, Population},
    };

    /// Machines worth 1000 USD at a loan-to-value ratio of a half: 500 on all of them, with a charge on a quarter of them 375 more, with a charge on half 250.
    #[test]
    fn lenders_lend_on_machines_that_are_not_pledged() {
        let pledge = Pledge {
            loan_to_value: 0.5,
            call_ltv: 0.75,
            liquidation_ltv: 0.85,
            cure_days: 5.0,
            notice_days: 30.0,
            recourse: true,
        };
        let terms = LoanTerms {
            share: 1.0,
            repayment: Repayment::Bullet,
            rate_per_year: 0.0,
            default_margin_per_year: 0.0,
            term_months: 12.0,
            collateral: Collateral::Machines(pledge),
            undrawn_usd_per_th: 0.0,
            capped: true,
        };
        let firms = Firms {
            cash: vec![0.0].into(),
            coins: vec![0].into(),
            fixed_nusd: vec![0].into(),
            name: vec!["a".into()].into(),
            ..Firms::default()
        };
        let mut ledger = Ledger::open(&Population { firms, ..Population::default() }, 30.0);
        let most = |ledger: &Ledger| most_on_machines(ledger, FirmId::of(0), &pledge, 1000.0);
        assert_eq!(most(&ledger), 500.0);
        for expected in [375.0, 250.0] {
            let loan = ledger.owe(FirmId::of(0), terms, NanoUsd::nearest(125.0), 0.0);
            charge_machines(&mut ledger, loan, &pledge, 125.0, 1000.0);
            assert_eq!(most(&ledger), expected);
        }
    }
}
