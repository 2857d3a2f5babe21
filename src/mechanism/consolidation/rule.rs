//! Selection of target and buyer, and the price.
//!
//! On each of its settlement days a firm is a **target** if its runway at the present burn is less than `runway_months`, if it cannot pay its bills,
//! or, if it burns money at all, with probability `1 - (1 - p)^(d/30.44)`, p being `weak_sale_per_month` and d the days between settlements. It asks
//! the market price for its machines, and for its sites a price per power between two bounds:
//!
//! ```text
//! runway  = (cash + coins P − bills) / (costs − earnings),          infinite where earnings cover costs
//! ask     = Σ sites MW · clamp(θ · NPV per MW, low, high) + Σ machines at the market's price
//! NPV     = Σ lots (V − p)                                 value of the machines at the site over their market price
//! bid     = Σ lots V' + Σ sites MW · low                    V' at the power price the buyer would have there
//! ```
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | P | `price_usd` | USD/BTC | price of a coin |
//! | V, V' | [`crate::market::outlook::Outlook`] | USD | value of the machines to the target, to the buyer, less fixed costs |
//! | p | `Resale::price_of_many_usd_per_th` | USD/(TH/s) | market price for this number of machines within a week: the seller's alternative |
//! | theta | `site_share_of_npv` | 1 | part of the NPV that the seller of a site gets |
//!
//! Of the firms that pay their bills and keep `buffers_kept` buffers of cash after paying the ask, the highest bidder gets the target, if the bid is
//! not below the ask. Equal bids are ranked by name.
//!
//! **Known error.** A firm is sold whole, and for cash: no shares, no debt taken over. Burn excludes debt service. The bid includes no synergy but
//! the power price. Sellers do not wait for a better bid, and the change of hands takes no time.
//!
//! **Sources.** Prices per power of 0.43 to 0.45 million USD/MW, 17 to 26 USD/TH, 36 MW for 16.2 and 60 MW for 25.8
//! million USD in 2022 \[S25\]; the lower bound, theta and the probability are assumed.

use super::params::ConsolidationParams;
use crate::units::{FirmId, MONTH_DAYS, Usd};

/// Runway of a firm, months: infinite if earnings cover costs.
#[must_use]
pub fn runway_months(money_usd: f64, costs_usd_per_month: f64, earnings_usd_per_month: f64) -> f64 {
    let burn = costs_usd_per_month - earnings_usd_per_month;
    if burn <= 0.0 { f64::INFINITY } else { (money_usd / burn).max(0.0) }
}

/// Whether a firm is for sale, `days` after the last draw; `draw` is uniform on [0, 1).
#[must_use]
pub fn is_target(params: &ConsolidationParams, runway_months: f64, behind: bool, draw: f64, days: f64) -> bool {
    let weak = || 1.0 - libm::pow(1.0 - params.weak_sale_per_month, days / MONTH_DAYS);
    behind || runway_months < params.runway_months || (runway_months.is_finite() && draw < weak())
}

/// Price asked for a site, USD.
#[must_use]
pub fn site_ask_usd(params: &ConsolidationParams, npv_usd: f64, mw: f64) -> f64 {
    if mw <= 0.0 {
        return 0.0;
    }
    let share = params.site_share_of_npv * npv_usd / mw;
    share.clamp(params.site_low_usd_per_mw, params.site_high_usd_per_mw) * mw
}

/// A possible buyer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bidder<'a> {
    /// Index of the firm.
    pub firm: FirmId,
    /// Its name, by which equal bids are ranked.
    pub name: &'a str,
    /// Value of the target to it.
    pub bid: Usd,
    /// Cash it could spend and keep its buffers.
    pub spare: Usd,
}

/// The bidder that gets the target at this ask, if any.
#[must_use]
pub fn winner<'a>(bidders: impl Iterator<Item = Bidder<'a>>, ask: Usd) -> Option<FirmId> {
    bidders
        .filter(|bidder| bidder.bid >= ask && bidder.spare > ask)
        .max_by(|a, b| a.bid.total_cmp(&b.bid).then_with(|| b.name.cmp(a.name)))
        .map(|bidder| bidder.firm)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Id;

    const USUAL: ConsolidationParams = ConsolidationParams {
        runway_months: 2.0,
        weak_sale_per_month: 0.01,
        buffer_months: 1.0,
        buffers_kept: 2.0,
        site_share_of_npv: 0.5,
        site_low_usd_per_mw: 150_000.0,
        site_high_usd_per_mw: 500_000.0,
        cost_convergence: 0.5,
    };

    #[test]
    fn who_is_up_for_sale() {
        let target = |months, behind, draw| is_target(&USUAL, months, behind, draw, MONTH_DAYS);
        let healthy = runway_months(0.0, 100.0, 100.0);
        assert!(!target(healthy, false, 0.0), "who earns his costs is not for sale, without any money too");
        assert!(target(healthy, true, 0.9), "who does not pay is");
        let months = runway_months(190.0, 200.0, 100.0);
        assert!((months - 1.9).abs() < 1e-12 && target(months, false, 0.9));
        assert!(!target(2.1, false, 0.02) && target(2.1, false, 0.009), "a weak owner, one time in a hundred");
        // With daily draws the probability is also one in a hundred per month: 1 - 0.99^(1/30.44) is 0.00033.
        assert!(!is_target(&USUAL, 2.1, false, 0.0004, 1.0) && is_target(&USUAL, 2.1, false, 0.0003, 1.0));
        assert!(runway_months(-5.0, 200.0, 100.0).abs() < 1e-12);
    }

    /// 36 MW for 16.2 million USD is 0.45 million a MW: NPV of 32.4 million at theta = 1/2.
    #[test]
    fn sites_are_asked_between_bounds() {
        for (npv, ask) in [(32.4e6, 16.2e6), (0.0, 5.4e6), (-1e9, 5.4e6), (1e9, 18e6)] {
            assert!((site_ask_usd(&USUAL, npv, 36.0) - ask).abs() < 1.0, "{npv}");
        }
        assert!(site_ask_usd(&USUAL, 1e9, 0.0).abs() < 1e-12);
    }

    #[test]
    fn the_highest_bid_with_cash_to_spare_wins() {
        let bidder = |firm, name, bid, spare| Bidder { firm, name, bid: Usd::new(bid), spare: Usd::new(spare) };
        let winner = |bidders: &mut dyn Iterator<Item = Bidder<'static>>, ask| winner(bidders, Usd::new(ask));
        let all = [
            bidder(FirmId::of(0), "a", 30.0, 9.0),
            bidder(FirmId::of(1), "b", 20.0, 50.0),
            bidder(FirmId::of(2), "c", 20.0, 11.0),
            bidder(FirmId::of(3), "d", 9.0, 99.0),
        ];
        assert_eq!(
            winner(&mut all.into_iter(), 10.0),
            Some(FirmId::of(1)),
            "of equal bids the first name; the highest cannot pay"
        );
        assert_eq!(winner(&mut all.into_iter().rev(), 10.0), Some(FirmId::of(1)), "whatever the order");
        assert_eq!(winner(&mut all.into_iter(), 8.0), Some(FirmId::of(0)));
        assert_eq!(winner(&mut all.into_iter(), 31.0), None);
        assert_eq!(winner(&mut std::iter::empty(), 0.0), None);
    }
}
