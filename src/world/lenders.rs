//! Availability of credit.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | l | [`Lenders::loss_rate`] | 1 | trailing losses over outstanding principal plus these losses |
//! | T | `memory_days` | day | mean age of the losses that count |
//!
//! ```text
//! l = Λ / (D + Λ),  Λ = Σ losses · e^(-age / T),  D = principal of all loans
//! open up to l = tight_above, tight up to closed_above, then closed; closed too while a freeze lasts
//! ```
//!
//! Open lenders pay out the whole credit line; tight ones half of it in all, previous draws included; closed ones nothing. On machines, tight lenders
//! lend up to half of their normal maximum. Existing loans are not affected.
//!
//! **Known error.** There is one aggregate lender, and its own capital is not modelled.
//!
//! **Source.** Lending stopped after the losses of 2022 (S11 of the assumptions); the numbers are assumed.

use crate::{
    declare::{ReadKeys, Scheduled, params},
    units::{Days, Seconds, Usd},
};

params! {
    /// A period without new loans.
    #[derive(Clone, Debug, PartialEq)]
    pub struct CreditFreeze(event: Scheduled) {
        /// Stable name, from `[event.NAME]`.
        name: String => |_, _| event.name.clone();
        /// Time at which the event takes place.
        at: Seconds => |keys, key| event.at(keys, key);
        /// Duration.
        until: Seconds => days as "d", positive(36_500.0), usual(0.25, 3650.0, "assumed") => |keys, key| at + Days::new(keys.number(key)).into();
    }
}

params! {
    /// How lenders react to losses.
    #[derive(Clone, Debug, PartialEq)]
    pub struct LenderParams, check {
        /// Losses remembered, over what is lent and was lost, above which lenders pay out half of what may be drawn.
        tight_above: f64 = 0.05, source("section 7.12, A"), within(0.0, 1.0), usual(0.001, 0.8, "A-55");
        /// The same, above which they pay out nothing.
        closed_above: f64 = 0.10, source("A"), within(0.0, 1.0), usual(0.001, 0.8, "A-55");
        /// Mean age of the losses that are remembered.
        memory_days: f64 as "d" = 365.0, source("A"), positive(36_500.0), usual(30.0, 1500.0, "A-55");
        /// Periods without lending, whatever the losses.
        freezes: Vec<CreditFreeze> => |_, _| Vec::new();
    }
}

impl LenderParams {
    fn check(&self, keys: &impl ReadKeys) {
        if self.closed_above < self.tight_above {
            keys.refuse(
                "scenario::order",
                format!("`{}` is below `tight_above`", keys.name_of("closed_above")),
                ("closed_above", format!("must be at least {}", self.tight_above)),
                "lenders first become tight, then close",
            );
        }
    }
}
/// Willingness to lend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Appetite {
    /// No new loans.
    Closed,
    /// Half of the agreed line.
    Tight,
    /// The whole agreed line.
    Open,
}

impl Appetite {
    /// Share of a whole line, drawn or not, that is available.
    #[must_use]
    pub const fn share(self) -> f64 {
        match self {
            Self::Open => 1.0,
            Self::Tight => 0.5,
            Self::Closed => 0.0,
        }
    }
}

/// Losses of the lenders.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lenders {
    /// Total losses.
    pub lost: Usd,
    /// Λ as of `then`, USD.
    remembered: f64,
    then: f64,
}

impl Lenders {
    /// Records a loss at an instant (s).
    pub fn lose(&mut self, usd: Usd, params: &LenderParams, now: f64) {
        self.remembered = self.remembered(params, now) + usd.get();
        self.then = now;
        self.lost += usd;
    }

    /// l, with `lent` USD of principal.
    #[must_use]
    pub fn loss_rate(&self, params: &LenderParams, lent: f64, now: f64) -> f64 {
        let lost = self.remembered(params, now);
        if lost <= 0.0 { 0.0 } else { lost / (lent + lost) }
    }

    /// Their willingness to lend.
    #[must_use]
    pub fn appetite(&self, params: &LenderParams, lent: f64, now: f64) -> Appetite {
        let rate = self.loss_rate(params, lent, now);
        let frozen = params.freezes.iter().any(|freeze| freeze.at.get() <= now && now < freeze.until.get());
        if frozen || rate > params.closed_above {
            Appetite::Closed
        } else if rate > params.tight_above {
            Appetite::Tight
        } else {
            Appetite::Open
        }
    }

    fn remembered(&self, params: &LenderParams, now: f64) -> f64 {
        if self.remembered == 0.0 {
            return 0.0;
        }
        self.remembered * libm::exp(-(now - self.then) / 86_400.0 / params.memory_days)
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "what is compared is exact")]
mod tests {
    use super::*;
    use crate::declare::usual;

    const DAY: f64 = 86_400.0;

    /// 6 of 100 lost: tight. Another 6: closed. A year later 12/e = 4.41 of 92.4: open again, unless a freeze is in force.
    #[test]
    fn losses_close_and_time_opens() {
        let params = usual::<LenderParams>();
        let mut lenders = Lenders::default();
        let at = |lenders: &Lenders, lent, day: f64| lenders.appetite(&params, lent, day * DAY);
        assert_eq!(at(&lenders, 100.0, 0.0), Appetite::Open);
        lenders.lose(Usd::new(6.0), &params, 0.0);
        assert_eq!(at(&lenders, 94.0, 0.0), Appetite::Tight);
        lenders.lose(Usd::new(6.0), &params, 0.0);
        assert_eq!(at(&lenders, 88.0, 0.0), Appetite::Closed);
        let rate = lenders.loss_rate(&params, 88.0, 365.0 * DAY);
        assert!((rate - 12.0 / std::f64::consts::E / (88.0 + 12.0 / std::f64::consts::E)).abs() < 1e-12, "{rate}");
        assert_eq!(at(&lenders, 88.0, 365.0), Appetite::Open);
        let (from, until) = (Seconds::new(390.0 * DAY), Seconds::new(400.0 * DAY));
        let frozen =
            LenderParams { freezes: vec![CreditFreeze { name: String::new(), at: from, until }], ..params.clone() };
        let at = |day: f64| lenders.appetite(&frozen, 88.0, day * DAY);
        assert_eq!(
            [389.9, 390.0, 399.9, 400.0].map(at),
            [Appetite::Open, Appetite::Closed, Appetite::Closed, Appetite::Open]
        );
        assert_eq!(lenders.lost, Usd::new(12.0));
    }

    #[test]
    fn who_has_lost_all_lends_nothing() {
        let params = usual::<LenderParams>();
        let mut lenders = Lenders::default();
        lenders.lose(Usd::new(1.0), &params, 0.0);
        assert_eq!(lenders.appetite(&params, 0.0, 0.0), Appetite::Closed);
        assert_eq!([Appetite::Open, Appetite::Tight, Appetite::Closed].map(Appetite::share), [1.0, 0.5, 0.0]);
    }
}
