//! The price-duration curve of some hours: the share of the time in which power costs more than a price, and what those hours cost.
//!
//! ```text
//! S(b) = sum of w_h over hours with s_h > b          share of the time in which power costs more than b
//! A(b) = sum of w_h s_h over hours with s_h > b      what those hours cost, per kWh of all hours
//! ```
//!
//! | symbol | meaning | unit |
//! |---|---|---|
//! | `s_h` | price of hour h, which may be negative | USD/kWh |
//! | `w_h` | length of hour h over the length of all | - |
//!
//! Both are sums over sorted hours, so they are exact; an hour may be of any length.

use crate::units::PowerPrice;

/// A price-duration curve.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duration {
    /// The prices, the cheapest first, and the share of the time of each.
    hours: Vec<(f64, f64)>,
    /// S and A from each of them on; one entry more than hours, which is 0.
    beyond: Vec<(f64, f64)>,
}

impl Duration {
    /// The curve of prices, each with its share of the time.
    #[must_use]
    pub fn of(hours: impl IntoIterator<Item = (PowerPrice, f64)>) -> Self {
        let mut curve = Self::default();
        curve.refill(hours);
        curve
    }

    /// Becomes the curve of other hours, in the same memory.
    pub fn refill(&mut self, hours: impl IntoIterator<Item = (PowerPrice, f64)>) {
        self.hours.clear();
        self.hours.extend(hours.into_iter().map(|(price, share)| (price.get(), share)));
        self.hours.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        self.beyond.clear();
        self.beyond.resize(self.hours.len() + 1, (0.0, 0.0));
        for at in (0..self.hours.len()).rev() {
            let ((price, share), (time, cost)) = (self.hours[at], self.beyond[at + 1]);
            self.beyond[at] = (time + share, cost + share * price);
        }
    }

    /// S(b) and A(b).
    #[must_use]
    pub fn beyond(&self, b: PowerPrice) -> (f64, PowerPrice) {
        let dearer = self.hours.partition_point(|&(price, _)| price <= b.get());
        let (share, cost) = self.beyond.get(dearer).copied().unwrap_or_default();
        (share, PowerPrice::new(cost))
    }

    /// What all hours cost: their mean price, where the shares add up to 1.
    #[must_use]
    pub fn mean(&self) -> PowerPrice {
        PowerPrice::new(self.beyond.first().map_or(0.0, |all| all.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quarter of a day at -1 c, a half at 3 c, and a quarter at 20 c: a mean of 6.25 c.
    #[test]
    fn by_hand() {
        let curve = Duration::of([(0.03, 0.5), (0.2, 0.25), (-0.01, 0.25)].map(|(s, w)| (PowerPrice::new(s), w)));
        for (b, share, cost) in
            [(-0.02, 1.0, 0.0625), (-0.01, 0.75, 0.065), (0.0, 0.75, 0.065), (0.03, 0.25, 0.05), (0.2, 0.0, 0.0)]
        {
            let (found, above) = curve.beyond(PowerPrice::new(b));
            assert!((found - share).abs() < 1e-15 && (above.get() - cost).abs() < 1e-15, "above {b}: {found}, {above}");
        }
        assert!((curve.mean().get() - 0.0625).abs() < 1e-15);
    }
}
