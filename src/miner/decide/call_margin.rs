//! When a lender calls for more collateral, and when it takes what is pledged.
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
//! L <= Lc                   nothing; a call that stood is over
//! Lc < L <= Ll, t < c + w   the lender calls
//! Ll < L,       t < w       the lender calls, and will not wait for the cure
//! else                      the lender takes what is pledged
//! ```
//!
//! A firm that is called posts what it has free, then pays, until L0 is restored ([`to_restore`]).
//!
//! **Known error.** Lenders look once a day, at the day's price, and all alike. Machines are valued at the market's price for used ones,
//! which in a slump few get.
//!
//! **Source.** Margin calls at 70–75 % and sales at 80–95 %, five days to cure, machines after 30–90 days: S55 of the
//! assumptions, a weak source.

use crate::miner::loan::Pledge;

/// What a lender does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Margin {
    /// Nothing.
    Fine,
    /// Asks for more.
    Call,
    /// Takes what is pledged.
    Take,
}

/// The lender's rule.
#[must_use]
pub fn margin(pledge: &Pledge, ltv: f64, called_for_days: f64) -> Margin {
    if ltv <= pledge.call_ltv {
        return Margin::Fine;
    }
    let cure = if ltv > pledge.liquidation_ltv { 0.0 } else { pledge.cure_days };
    if called_for_days >= cure + pledge.notice_days { Margin::Take } else { Margin::Call }
}

/// What restores L0: worth of further collateral, or else principal to be repaid, USD.
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
        assert_eq!(margin(&COINS, 0.75, 0.0), Margin::Fine);
        assert_eq!(margin(&COINS, 0.76, 0.0), Margin::Call);
        assert_eq!(margin(&COINS, 0.76, 4.9), Margin::Call);
        assert_eq!(margin(&COINS, 0.76, 5.0), Margin::Take);
        assert_eq!(margin(&COINS, 0.86, 0.0), Margin::Take);
        assert_eq!(margin(&COINS, f64::INFINITY, 0.0), Margin::Take);
        assert_eq!(margin(&COINS, 0.5, 100.0), Margin::Fine);
    }

    #[test]
    fn machines_take_their_time() {
        let machines = Pledge { notice_days: 60.0, ..COINS };
        assert_eq!(margin(&machines, 0.76, 64.9), Margin::Call);
        assert_eq!(margin(&machines, 0.76, 65.0), Margin::Take);
        assert_eq!(margin(&machines, 0.9, 59.9), Margin::Call);
        assert_eq!(margin(&machines, 0.9, 60.0), Margin::Take);
    }

    /// 80 owed on what is worth 100 at half: 60 more to post, or 30 to repay, and both restore it.
    #[test]
    fn either_way_restores_it() {
        let (post, pay) = to_restore(&COINS, 80.0, 100.0);
        assert!((post - 60.0).abs() < 1e-12 && (pay - 30.0).abs() < 1e-12);
        assert!((80.0 / (100.0 + post) - 0.5).abs() < 1e-12 && ((80.0 - pay) / 100.0 - 0.5).abs() < 1e-12);
        assert_eq!(to_restore(&COINS, 40.0, 100.0), (0.0, 0.0));
    }
}
