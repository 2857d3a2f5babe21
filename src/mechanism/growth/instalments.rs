//! Payment of machines on order at the start, by instalments.
//!
//! | symbol | code | unit | meaning |
//! |---|---|---|---|
//! | p | `price_usd_per_th` | USD/(TH/s) | price of the contract |
//! | a, b | `signing_share`, `middle_share` | 1 | parts paid at signing, and `m` days before shipment; the rest is paid `l` days before it |
//! | m, l | `middle`, `last` | day | days before shipment |
//! | D(t) | [`OrderBook::come_by`] | EH/s | hashrate delivered by day t |
//!
//! In the days from s to t fall due
//!
//! `p (b (D(t + m) - D(s + m)) + (1 - a - b) (D(t + l) - D(s + l)))`,
//!
//! of which a firm owes its part. If it misses a payment that was due after s, the manufacturer keeps what was paid and cancels all machines that are not paid in full: those
//! to be shipped after s + l. Of these `p ((a + b) (D(s + m) - D(s + l)) + a (D(end) - D(s + m)))` was paid, and is lost.
//!
//! **Known error.** Whoever failed to pay one instalment loses all machines of the contract; real contracts name batches. Cancelled machines go to no other firm.
//!
//! **Source.** A contract of October 2021: S77 of the assumptions.

use crate::{
    declare::{ReadKeys, SPAN_DAYS, params},
    hardware::OrderBook,
    units::{Days, Hashrate, Usd},
};

params! {
    /// Instalments on machines that are on order at the start.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Instalments, check {
        /// Price of the machines by contract.
        price_usd_per_th: f64 as "USD/(TH/s)", positive(1e9), usual(1.0, 200.0, "A-48, S10: 15-119");
        /// Part of the price that was paid at signing.
        signing_share: f64 = 0.25, source("S77"), within(0.0, 1.0);
        /// Part of the price that is paid some months before shipment.
        middle_share: f64 = 0.35, source("S77"), within(0.0, 1.0);
        /// Days from that payment to shipment.
        middle: Days => middle_days as SPAN_DAYS = 183.0, source("S77"), positive(3650.0), usual(30.0, 400.0, "S77: six months");
        /// Days from the last payment, of the rest, to shipment.
        last: Days => last_days as SPAN_DAYS = 30.0, source("S77"), positive(3650.0), usual(1.0, 120.0, "S77: a month");
        /// Classes that owe instalments; the others have paid. All classes if absent or empty.
        classes: Vec<String> => |keys, key| keys.classes(key);
    }
}

impl Instalments {
    fn check(&self, keys: &impl ReadKeys) {
        if self.signing_share + self.middle_share > 1.0 {
            keys.refuse(
                "scenario::range",
                format!("`{}` leaves no last payment", keys.name_of("middle_share")),
                (
                    "middle_share",
                    format!("with {} at signing, at most {}", self.signing_share, 1.0 - self.signing_share),
                ),
                "the two shares and that of the last payment add up to 1",
            );
        }
        if self.last > self.middle {
            keys.refuse(
                "scenario::order",
                format!("`{}` is longer than `middle_days`", keys.name_of("last_days")),
                ("last_days", format!("must be at most {}", self.middle.get())),
                "the last payment comes after the one before it",
            );
        }
    }

    /// What falls due on all machines of a book from one day to another.
    #[must_use]
    pub fn due(&self, book: &OrderBook, from: Days, to: Days) -> Usd {
        let shipped = |ahead: Days| eh_between(book, from + ahead, to + ahead);
        let last_share = 1.0 - self.signing_share - self.middle_share;
        self.usd(self.middle_share * shipped(self.middle) + last_share * shipped(self.last))
    }

    /// Machines of a book that are cancelled by a payment missed after this day, and what was paid for them.
    #[must_use]
    pub fn lost(&self, book: &OrderBook, after: Days) -> (Hashrate, Usd) {
        let (last, middle) = (after + self.last, after + self.middle);
        let near = eh_between(book, last, middle);
        let far = book.total_eh() - book.come_by(middle);
        let paid = (self.signing_share + self.middle_share) * near + self.signing_share * far;
        (Hashrate::from_eh(near + far), self.usd(paid))
    }

    /// The price of this hashrate.
    fn usd(&self, eh: f64) -> Usd {
        Usd::new(self.price_usd_per_th * 1e6 * eh)
    }
}

fn eh_between(book: &OrderBook, from: Days, to: Days) -> f64 {
    book.come_by(to) - book.come_by(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One EH/s a day for twelve months of 30.4375 days at 50 USD/TH: a day's machines cost 50 million. On day 10 the 35 % of those of day 193 and the 40 % of those
    /// of day 40 fall due: 37.5 million for a day. A payment missed after day 10 cancels the machines from day 40 on, 325.25 days of them: 60 % was paid for those of the 153
    /// days to day 193, and 25 % for those of the 172.25 days after it: 50 · (0.6 · 153 + 0.25 · 172.25) = 6,743.125 million.
    #[test]
    fn instalments_by_hand() {
        let terms = Instalments {
            price_usd_per_th: 50.0,
            signing_share: 0.25,
            middle_share: 0.35,
            middle: Days::new(183.0),
            last: Days::new(30.0),
            classes: Vec::new(),
        };
        let book = OrderBook::Schedule(vec![30.4375; 12]);
        let near = |found: f64, usd: f64| assert!((found - usd).abs() < 0.005, "{found}, not {usd}");
        near(terms.due(&book, Days::new(9.0), Days::new(10.0)).get(), 37.5e6);
        let (cancelled, paid) = terms.lost(&book, Days::new(10.0));
        near(cancelled.eh(), 325.25);
        near(paid.get(), 6_743.125e6);
        let all = terms.due(&book, Days::ZERO, Days::new(400.0)).get();
        // Paid before the start: 40 % of 30 days and 35 % of 183 days.
        near(all, 50e6 * (0.4 * (365.25 - 30.0) + 0.35 * (365.25 - 183.0)));
    }
}
