//! When a lender calls for more collateral, and when it takes the collateral.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | L | `ltv` | 1 | principal over the value of the pledge |
//! | L0, Lc, Ll | `Pledge::loan_to_value`, `call_ltv`, `liquidation_ltv` | 1 | to be restored, called above, sold above |
//! | c | `Pledge::cure_days` | day | to pay or to post |
//! | w | `Pledge::notice_days` | day | from then until the lender has the machines; none for coins |
//! | t | `called_for_days` | day | since the call |
//!
//! ```text
//! no call stands   L <= Lc   nothing; else the lender calls, and t = 0
//! a call stands    L <= L0   the call is over
//!                  L <= Ll   the lender takes the collateral at t = c + w
//!                  Ll < L    the lender takes it at t = w: there is no time to cure
//! ```
//!
//! A call stands until L0 is restored, by the firm or by the price, or until the lender has taken the collateral. While it stands, the firm pledges
//! its unpledged assets every day (coins for a loan on coins, its other machines for one on machines), then pays from its cash, until L0 is restored
//! ([`to_restore`]). A partial cure reduces debt or adds collateral, and does not extend the time to cure.
//!
//! **Known error.** Lenders value collateral once a day, at the day's price, and all by one rule. Machines are valued at the market's price for used
//! ones, which few sellers get in a slump.
//!
//! **Source.** Margin calls at 70–75 % and sales at 80–95 %, five days to cure, machines after 30–90 days: S55 of the
//! assumptions, a weak source.

use crate::mechanism::credit::params::Pledge;

/// The lender's action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Margin {
    /// No action.
    Fine,
    /// Calls for more collateral.
    Call,
    /// Takes the collateral.
    Take,
}

/// Relative tolerance within which L0 counts as restored: amounts are rounded to a satoshi or to 10^-9 USD.
const ROUNDING: f64 = 1e-9;

/// The lender's rule. `called_for_days` are the days since the call, if one stands.
#[must_use]
pub fn margin(pledge: &Pledge, ltv: f64, called_for_days: Option<f64>) -> Margin {
    let fine = if called_for_days.is_some() { pledge.loan_to_value * (1.0 + ROUNDING) } else { pledge.call_ltv };
    if ltv <= fine {
        return Margin::Fine;
    }
    let cure = if ltv > pledge.liquidation_ltv { 0.0 } else { pledge.cure_days };
    if called_for_days.unwrap_or(0.0) >= cure + pledge.notice_days { Margin::Take } else { Margin::Call }
}

/// Amount that restores L0: value of further collateral, or else principal to be repaid, USD.
#[must_use]
pub fn to_restore(pledge: &Pledge, principal: f64, collateral_usd: f64) -> (f64, f64) {
    let post = principal / pledge.loan_to_value - collateral_usd;
    let pay = principal - pledge.loan_to_value * collateral_usd;
    (post.max(0.0), pay.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COINS: Pledge = Pledge {
        loan_to_value: 0.5,
        call_ltv: 0.75,
        liquidation_ltv: 0.85,
        cure_days: 5.0,
        notice_days: 0.0,
        recourse: true,
    };

    #[test]
    fn coins_are_called_then_taken() {
        assert_eq!(margin(&COINS, 0.75, None), Margin::Fine);
        assert_eq!(margin(&COINS, 0.76, None), Margin::Call);
        assert_eq!(margin(&COINS, 0.76, Some(4.9)), Margin::Call);
        assert_eq!(margin(&COINS, 0.76, Some(5.0)), Margin::Take);
        assert_eq!(margin(&COINS, 0.86, None), Margin::Take);
        assert_eq!(margin(&COINS, 0.86, Some(1.0)), Margin::Take);
        assert_eq!(margin(&COINS, f64::INFINITY, None), Margin::Take);
    }

    /// A call ends at 0.5, not at 0.75: if only half is restored, the call stands, and the collateral is taken on the fifth day.
    #[test]
    fn a_call_stands_until_it_is_met() {
        assert_eq!(margin(&COINS, 0.5, Some(100.0)), Margin::Fine);
        assert_eq!(margin(&COINS, 0.5 * (1.0 + 1e-12), Some(100.0)), Margin::Fine);
        assert_eq!(margin(&COINS, 0.51, Some(4.0)), Margin::Call);
        assert_eq!(margin(&COINS, 0.51, Some(5.0)), Margin::Take);
        assert_eq!(margin(&COINS, 0.51, None), Margin::Fine);
    }

    #[test]
    fn machines_take_their_time() {
        let machines = Pledge { notice_days: 60.0, ..COINS };
        assert_eq!(margin(&machines, 0.76, Some(64.9)), Margin::Call);
        assert_eq!(margin(&machines, 0.76, Some(65.0)), Margin::Take);
        assert_eq!(margin(&machines, 0.9, Some(59.9)), Margin::Call);
        assert_eq!(margin(&machines, 0.9, Some(60.0)), Margin::Take);
    }

    /// A debt of 80 on collateral worth 100, with L0 of a half: 60 more to post, or 30 to repay; both restore L0.
    #[test]
    fn either_way_restores_it() {
        let (post, pay) = to_restore(&COINS, 80.0, 100.0);
        assert!((post - 60.0).abs() < 1e-12 && (pay - 30.0).abs() < 1e-12);
        assert!((80.0 / (100.0 + post) - 0.5).abs() < 1e-12 && ((80.0 - pay) / 100.0 - 0.5).abs() < 1e-12);
        assert_eq!(to_restore(&COINS, 40.0, 100.0), (0.0, 0.0));
    }
}
