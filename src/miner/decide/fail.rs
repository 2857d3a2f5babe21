//! What becomes of a firm that has not paid.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | w | `weight` | 1 | real miners that the agent stands for |
//! | u, d | `unpaid`, `due` | USD | what is unpaid after the grace period, of what was due |
//! | f | [`failing_members`] | 1 | of them that fail |
//! | p | `restructure_probability` | 1 | that creditors agree to wait |
//!
//! ```text
//! f = min(w, ⌈w u/d⌉)
//! ```
//!
//! An agent that stands for many miners fails in part: those that cannot pay are as many as the share that is unpaid. An agent of
//! one miner fails whole, by the same rule. With what fails goes its share of machines, coins, debts and of all else.
//!
//! What fails is, in this order:
//! 1. **restructured**, if it has debts with recourse and creditors agree: a share of principal is cut, the term is longer, what is
//!    due waits;
//! 2. under **Chapter 11**, if the agent fails whole and its machines still earn more than they cost to run: interest stops, old
//!    bills wait, machines that pay keep hashing. It ends after a time, or in liquidation when it burns cash over three months or
//!    cannot pay a new bill;
//! 3. **liquidated**: coins are sold over some days, machines leave, claims are paid by priority.
//!
//! Where `[distress]` is `wind_up`, everything that fails is liquidated at once.
//!
//! **Known error.** Members of a cohort share one balance until they fail. Courts, and what creditors fight over, are a coin's toss.
//!
//! **Source.** Probability, cut and terms are assumed; Core Scientific kept hashing under Chapter 11 (S31 of the assumptions).

/// What can be tried before a firm is liquidated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Workout {
    /// p.
    pub restructure_probability: f64,
    /// Share of principal that is cut.
    pub principal_cut: f64,
    /// Months by which the term is longer.
    pub extension_months: f64,
    /// Longest time under Chapter 11; none is never.
    pub chapter11_days: f64,
    /// Days over which cash must not be burned under Chapter 11.
    pub burn_days: f64,
    /// Days over which coins of a liquidated firm are sold.
    pub liquidation_days: u32,
}

/// What becomes of those that fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Creditors wait.
    Restructured,
    /// Goes on under the court's protection.
    Chapter11,
    /// Ends.
    Liquidated,
}

/// What is known of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failing {
    /// The whole agent fails.
    pub whole: bool,
    /// Debts with recourse.
    pub owes: bool,
    /// Machines earn more than running them costs.
    pub earns: bool,
    /// Uniform in (0, 1].
    pub draw: f64,
}

/// f.
#[must_use]
pub fn failing_members(weight: f64, unpaid: f64, due: f64) -> f64 {
    if due <= 0.0 { weight } else { (weight * (unpaid / due)).ceil().min(weight) }
}

/// What becomes of them.
#[must_use]
pub fn fate(workout: Option<&Workout>, failing: &Failing) -> Fate {
    match workout {
        Some(workout) if failing.owes && failing.draw <= workout.restructure_probability => Fate::Restructured,
        Some(workout) if failing.whole && failing.earns && workout.chapter11_days > 0.0 => Fate::Chapter11,
        _ => Fate::Liquidated,
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;

    #[test]
    fn members_fail_in_proportion() {
        assert_eq!(failing_members(50.0, 1.0, 100.0), 1.0);
        assert_eq!(failing_members(50.0, 40.1, 100.0), 21.0);
        assert_eq!(failing_members(50.0, 100.0, 100.0), 50.0);
        assert_eq!([1e-9, 0.5, 1.0].map(|unpaid| failing_members(1.0, unpaid, 1.0)), [1.0; 3]);
        assert_eq!(failing_members(2.5, 0.9, 1.0), 2.5);
        assert_eq!(failing_members(3.0, 1.0, 0.0), 3.0);
    }

    #[test]
    fn the_order_of_ends() {
        let workout = Workout {
            restructure_probability: 0.5,
            principal_cut: 0.2,
            extension_months: 12.0,
            chapter11_days: 365.0,
            burn_days: 91.0,
            liquidation_days: 20,
        };
        let failing = Failing { whole: true, owes: true, earns: true, draw: 0.5 };
        let of = |failing| fate(Some(&workout), &failing);
        assert_eq!(of(failing), Fate::Restructured);
        assert_eq!(of(Failing { draw: 0.51, ..failing }), Fate::Chapter11);
        assert_eq!(of(Failing { owes: false, ..failing }), Fate::Chapter11);
        assert_eq!(of(Failing { draw: 0.51, earns: false, ..failing }), Fate::Liquidated);
        assert_eq!(of(Failing { draw: 0.51, whole: false, ..failing }), Fate::Liquidated);
        assert_eq!(fate(None, &failing), Fate::Liquidated);
        assert_eq!(
            fate(Some(&Workout { chapter11_days: 0.0, ..workout }), &Failing { draw: 1.0, ..failing }),
            Fate::Liquidated
        );
    }
}
