//! Outcome for a firm that has not paid.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | w | `weight` | 1 | real miners that the agent stands for |
//! | D, U | `Arrears::asked`, `unpaid` | USD | amounts that fell due since the arrears began; their unpaid part |
//! | ΔD, ΔU | – | USD | as D and U, for the last settlement alone |
//! | s | [`Arrears::unpaid_share`] | 1 | share unpaid |
//! | m | `periods` | 1 | grace periods that have passed since the arrears began, at least one |
//! | f | [`failing_members`] | 1 | number of members that fail |
//! | a | `Failing::cover` | 1 | value of cash, coins and machines over principal of the debts with recourse |
//! | `a*` | `wait_cover` | 1 | cover from which creditors wait |
//! | c | [`exchanged`] | 1 | share of principal that creditors exchange for equity |
//!
//! ```text
//! s = max(U/D, ΔU/ΔD)
//! f = min(w, ⌈w (1 − (1 − s)^m)⌉)
//! c = min(principal_cut, max(0, 1 − a))
//! ```
//!
//! An agent that stands for many miners fails in part. The same members are assumed to miss all payments, so that their share is the unpaid share of
//! the amounts due: since the arrears began, or at the last settlement if that is more, since a shortfall may have grown. Both are shares of a flow.
//! All members are alike, so that the remaining members are as short of cash as before: if they continue to miss payments, without a settlement in
//! between at which all is paid, their arrears are counted from the day of the default, and a lasting shortfall takes the same share again after each
//! grace period. If a firm settles less often than once per grace period, m counts all grace periods that have passed. The frequency of settlements
//! therefore has little effect. An agent of one miner fails whole, by the same rule. Failing members take with them their share of machines, coins,
//! debts and everything else.
//!
//! Failing members are, in this order:
//! 1. **restructured**, if they have debts with recourse, and either a ≥ `a*`, or they earn more than all their bills except debt service but are members of
//!    a cohort, for whom there is no court: c of principal is exchanged for equity, the term is longer, due amounts are deferred. Creditors who
//!    are covered lose nothing by waiting; for the rest the equity of a firm that earns is worth more than its machines at auction;
//! 2. under **Chapter 11**, if the agent fails whole and earns more than all its bills except debt service, take-or-pay and fixed costs included:
//!    interest stops, old bills are stayed, machines above break-even continue to hash. It ends after a time, with c of principal exchanged for
//!    equity, or in liquidation when the firm cannot
//!    pay a new bill or has less cash and coins, at the price of the day, than `burn_days` before;
//! 3. **liquidated**: coins are sold over some days, machines leave, claims are paid by priority.
//!
//! Before all this, a lender without recourse takes its pledge, which settles its claim.
//!
//! If `[distress]` is `wind_up`, all failing members are liquidated at once.
//!
//! **Known error.** Members of a cohort share one balance until they fail. Disputes between creditors are not modelled, and
//! the equity that they receive counts as a loss in full.
//!
//! **Source.** Cover and terms are assumed; that covered lenders extend, lenders without recourse take machines, and uncovered debt becomes equity is what was
//! seen in 2022 and 2023; Core Scientific kept hashing under Chapter 11 (S31 of the assumptions).

use super::params::Workout;
use crate::units::Usd;

/// Outcome for failing members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Creditors restructure the debt.
    Restructured,
    /// Continues under the court's protection.
    Chapter11,
    /// Is liquidated.
    Liquidated,
}

/// Circumstances on which the outcome depends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failing {
    /// Whether the whole agent fails.
    pub whole: bool,
    /// Whether there are debts with recourse.
    pub owes: bool,
    /// Whether it earns more than all its bills except debt service.
    pub earns: bool,
    /// a; infinite without debts.
    pub cover: f64,
}

/// Amounts due at a settlement, old ones included, by what they are for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Due {
    /// Power, crew, overheads.
    pub bills: Usd,
    /// Interest on loans.
    pub interest: Usd,
    /// Principal: by schedule, at the end of a loan, or claimed after a lender took too little for its pledge.
    pub principal: Usd,
}

impl Due {
    /// The sum.
    #[must_use]
    pub fn total(&self) -> Usd {
        self.bills + self.interest + self.principal
    }

    /// Bills, interest and principal, as shares of the sum.
    #[must_use]
    pub fn shares(&self) -> [f64; 3] {
        let total = self.total();
        if total <= Usd::ZERO {
            [1.0, 0.0, 0.0]
        } else {
            [self.bills, self.interest, self.principal].map(|part| part / total)
        }
    }
}

/// Amounts due and unpaid of a firm in arrears.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arrears {
    /// What was due at the settlement at which the arrears began.
    pub first: Due,
    /// Of U, bills that are not debt service: they bear interest at the rate for late payment.
    pub late: Usd,
    /// D: amounts that fell due since the arrears began, including the settlement at which they began.
    pub asked: Usd,
    /// U: the part of D that is unpaid after the last settlement.
    pub unpaid: Usd,
    /// ΔU/ΔD of the last settlement.
    last_share: f64,
}

impl Arrears {
    /// Begins arrears with `unpaid` of the amount `due`.
    #[must_use]
    pub fn begin(due: Usd, unpaid: Usd) -> Self {
        let mut arrears = Self::default();
        arrears.go_on(due, unpaid);
        arrears
    }

    /// With what was due when they began, and the bills that are late now.
    #[must_use]
    pub const fn over(self, first: Due, late: Usd) -> Self {
        Self { first, late, ..self }
    }

    /// Adds another settlement: `due`, old bills included, and the amount that is unpaid after it.
    pub fn go_on(&mut self, due: Usd, unpaid: Usd) {
        let (newly_due, newly_unpaid) = ((due - self.unpaid).max(Usd::ZERO), unpaid - self.unpaid);
        self.last_share = if newly_due > Usd::ZERO { (newly_unpaid / newly_due).clamp(0.0, 1.0) } else { 0.0 };
        self.asked += newly_due;
        self.unpaid = unpaid;
    }

    /// max(U/D, ΔU/ΔD), at most 1.
    #[must_use]
    pub fn unpaid_share(&self) -> f64 {
        let of_all = if self.unpaid <= Usd::ZERO { 0.0 } else { self.unpaid / self.asked };
        of_all.max(self.last_share).min(1.0)
    }
}

/// f: at least one member if anything is unpaid. A product that is a whole number except for rounding counts as that number, and members that are left by rounding alone fail too.
#[must_use]
pub fn failing_members(weight: f64, arrears: &Arrears, periods: f64) -> f64 {
    let members = weight * (1.0 - libm::pow(1.0 - arrears.unpaid_share(), periods.max(1.0)));
    let failing = (members - 1e-9 * weight).ceil().max(1.0);
    if failing < weight * (1.0 - 1e-9) { failing } else { weight }
}

/// Outcome for the failing members.
#[must_use]
pub fn fate(workout: Option<&Workout>, failing: &Failing) -> Fate {
    match workout {
        Some(workout) if failing.owes && failing.cover >= workout.wait_cover => Fate::Restructured,
        Some(_) if failing.owes && failing.earns && !failing.whole => Fate::Restructured,
        Some(_) if failing.whole && failing.earns => Fate::Chapter11,
        _ => Fate::Liquidated,
    }
}

/// c: the share of principal that creditors exchange for equity.
#[must_use]
pub fn exchanged(workout: &Workout, cover: f64) -> f64 {
    (1.0 - cover).clamp(0.0, workout.principal_cut)
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;

    #[test]
    fn members_fail_in_proportion() {
        let of = |weight, unpaid, due| failing_members(weight, &Arrears::begin(Usd::new(due), Usd::new(unpaid)), 1.0);
        assert_eq!(of(50.0, 1.0, 100.0), 1.0);
        assert_eq!(of(50.0, 40.1, 100.0), 21.0);
        assert_eq!(of(50.0, 100.0, 100.0), 50.0);
        assert_eq!([1e-9, 0.5, 1.0].map(|unpaid| of(1.0, unpaid, 1.0)), [1.0; 3]);
        assert_eq!(of(2.5, 0.9, 1.0), 2.5);
        let rounded = 49.0 + 1e-13;
        assert_eq!(of(rounded, 1.0, 1.0), rounded, "a cohort that lost members before has no 1e-13 of a member left");
        assert_eq!(of(100.0, 0.1 + 0.1 + 0.1, 1.0), 30.0, "0.1 + 0.1 + 0.1 is a little more than 0.3");
    }

    /// A fifth of the amounts due stays unpaid, by day or by month, whether the whole first bill or only its last half was affected: a fifth fails. A
    /// bill of 100 for a loan that matures, half of it unpaid, and 20 that fell due later and were paid: 50 of 120. With 10 of the 50 paid back, 40
    /// of 130.
    #[test]
    fn who_fails_follows_the_flow() {
        let begin = |due, unpaid| Arrears::begin(Usd::new(due), Usd::new(unpaid));
        for (first_share, settlements) in [(0.2, 1), (0.2, 30), (0.1, 1), (0.1, 30)] {
            let mut arrears = begin(10.0, 10.0 * first_share);
            for _ in 0..settlements {
                let due = arrears.unpaid + Usd::new(10.0);
                arrears.go_on(due, due - Usd::new(8.0));
            }
            assert_eq!(failing_members(100.0, &arrears, 1.0), 20.0, "{first_share} {settlements}");
        }
        let fifth = begin(10.0, 2.0);
        assert_eq!([0.0, 1.0, 2.0].map(|periods| failing_members(100.0, &fifth, periods)), [20.0, 20.0, 36.0]);
        let mut lump = begin(100.0, 50.0);
        lump.go_on(Usd::new(70.0), Usd::new(50.0));
        assert_eq!(failing_members(120.0, &lump, 1.0), 50.0);
        lump.go_on(Usd::new(60.0), Usd::new(40.0));
        assert_eq!(failing_members(130.0, &lump, 1.0), 40.0);
    }

    /// A loan that ends: 30 of bills, 10 of interest and 60 of principal are due.
    #[test]
    fn what_is_due_by_cause() {
        let [bills, interest, principal] = [30.0, 10.0, 60.0].map(Usd::new);
        let due = Due { bills, interest, principal };
        assert_eq!((due.total(), due.shares()), (Usd::new(100.0), [0.3, 0.1, 0.6]));
        assert_eq!(Due::default().shares(), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn the_order_of_ends() {
        let workout = Workout {
            wait_cover: 0.9,
            principal_cut: 0.6,
            extension_months: 12.0,
            chapter11_days: Some(365.0),
            burn_days: 91.0,
            liquidation_days: 20,
        };
        let failing = Failing { whole: true, owes: true, earns: true, cover: 0.9 };
        let of = |failing| fate(Some(&workout), &failing);
        assert_eq!(of(failing), Fate::Restructured);
        assert_eq!(of(Failing { cover: 0.89, ..failing }), Fate::Chapter11);
        assert_eq!(of(Failing { owes: false, ..failing }), Fate::Chapter11);
        assert_eq!(of(Failing { cover: 0.89, earns: false, ..failing }), Fate::Liquidated);
        assert_eq!(of(Failing { cover: 0.89, whole: false, ..failing }), Fate::Restructured, "debt for equity");
        assert_eq!(of(Failing { cover: 0.89, whole: false, earns: false, ..failing }), Fate::Liquidated);
        assert_eq!([1.5, 0.9, 0.3].map(|cover| (10.0 * exchanged(&workout, cover)).round()), [0.0, 1.0, 6.0]);
        assert_eq!(fate(None, &failing), Fate::Liquidated);
    }
}
