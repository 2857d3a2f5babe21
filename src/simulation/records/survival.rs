//! Survival of firms: by class, and by power price and efficiency of a firm's machines at the start.
//!
//! ```text
//! S_g(t) = Σ over firms of g alive at t of weight / Σ over firms of g of weight at the start
//! F_g(t) = Σ over firms of g of members liquidated up to t / Σ over firms of g of weight at the start
//! ```
//!
//! The initial firms are those that have machines at the start. All are observed to the end of the run, so none is censored before it, and the
//! surviving share is the Kaplan-Meier estimate. A cohort that stands for many miners fails in part: its weight shrinks. Firms that come later are
//! not counted. Firms that neither survive nor failed were acquired, or gave up.
//!
//! Two kinds of survivors are listed separately: firms under Chapter 11, and firms in a workout, whose creditors agreed to a restructuring and that
//! still owe.
//!
//! Deciles are of hashrate: the firms in order of the mean efficiency, or the mean power price, of their machines at the start, best first, with a cut at
//! each tenth of all installed hashrate. A firm that a cut would split belongs to the decile of its midpoint. Many small firms have no more
//! influence on them than their hashrate.

use crate::units::{Column, FirmId, Id};
use crate::world::population::{Firms, Population};

/// Groups by efficiency, and as many by power price.
pub const DECILES: usize = 10;

/// The orders by which deciles are made, by their names in `survival.csv`.
pub const ORDERS: [&str; 2] = ["efficiency_decile", "power_price_decile"];

/// An initial firm.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Initial {
    /// Its decile in each of [`ORDERS`].
    deciles: [u8; ORDERS.len()],
    /// Miners that it stood for.
    weight: f64,
    /// Its installed hashrate, MH/s.
    hash_mh: f64,
}

/// Group of each initial firm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survival {
    /// Firms without machines at the start are not initial firms.
    firms: Column<FirmId, Option<Initial>>,
    /// Weight at the start by class, then by decile in each order.
    start: Vec<f64>,
    /// Installed hashrate at the start likewise, MH/s.
    start_mh: Vec<f64>,
}

impl Survival {
    /// The groups at the start.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
    pub fn new(population: &Population) -> Self {
        let firms = &population.firms;
        let initial = |firm| Initial {
            deciles: [0; ORDERS.len()],
            weight: firms.weight[firm],
            hash_mh: firms.installed_mh[firm] as f64,
        };
        let there = firms.ids().map(|firm| (firms.installed_mh[firm] > 0).then(|| initial(firm))).collect();
        let mut survival = Self { firms: there, ..Self::default() };
        survival.cut(0, firms, &|firm| firms.efficiency[firm].get());
        let prices = power_prices(population);
        survival.cut(1, firms, &|firm| prices[firm]);
        survival.start = survival.sums(firms, |firm| survival.weight_start(firm));
        survival.start_mh = survival.sums(firms, |firm| survival.hash_start(firm));
        survival
    }

    /// Puts each firm into its decile of one order: a tenth of installed hashrate each, the lowest `key` first.
    fn cut(&mut self, order: usize, firms: &Firms, key: &dyn Fn(FirmId) -> f64) {
        let mut ranked: Vec<(f64, FirmId)> =
            self.firms.entries().filter(|(_, there)| there.is_some()).map(|(firm, _)| (key(firm), firm)).collect();
        ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| firms.name[a.1].cmp(&firms.name[b.1])));
        let total: f64 = self.firms.iter().flatten().map(|firm| firm.hash_mh).sum();
        let mut before = 0.0;
        for (_, firm) in ranked {
            let Some(initial) = &mut self.firms[firm] else { continue };
            let middle = before + initial.hash_mh / 2.0;
            before += initial.hash_mh;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 9")]
            let decile = (middle / total * 10.0) as u8;
            initial.deciles[order] = decile.min(9);
        }
    }

    /// Number of miners that a firm stood for at the start; 0 if it had no machines then.
    #[must_use]
    pub fn weight_start(&self, firm: FirmId) -> f64 {
        self.firms.get(firm).copied().flatten().map_or(0.0, |initial| initial.weight)
    }

    /// Its installed hashrate at the start, MH/s.
    #[must_use]
    pub fn hash_start(&self, firm: FirmId) -> f64 {
        self.firms.get(firm).copied().flatten().map_or(0.0, |initial| initial.hash_mh)
    }

    /// Names of the groups in the order of [`Self::shares`]: by what, and which.
    pub fn groups(firms: &Firms) -> impl Iterator<Item = (&'static str, &str)> {
        let classes = firms.classes.iter().map(|class| ("class", class.as_str()));
        classes.chain(ORDERS.into_iter().flat_map(|by| DECILE_NAMES.map(|decile| (by, decile))))
    }

    fn sums(&self, firms: &Firms, part: impl Fn(FirmId) -> f64) -> Vec<f64> {
        let classes = firms.classes.len();
        let mut sums = vec![0.0; classes + ORDERS.len() * DECILES];
        for (firm, initial) in self.firms.entries() {
            let Some(initial) = initial else { continue };
            let part = part(firm);
            sums[firms.class[firm].row()] += part;
            for (order, decile) in initial.deciles.iter().enumerate() {
                sums[classes + order * DECILES + usize::from(*decile)] += part;
            }
        }
        sums
    }

    /// The share of each group with the given weight of its firms as the numerator; `None` for groups that were empty at the start.
    pub fn shares(&self, firms: &Firms, weight: impl Fn(FirmId) -> f64) -> Vec<Option<f64>> {
        over(&self.sums(firms, weight), &self.start)
    }

    /// The share of each group's hashrate of the start, with the given hashrate of its firms, MH/s, as the numerator.
    pub fn hashrate_shares(&self, firms: &Firms, hash_mh: impl Fn(FirmId) -> f64) -> Vec<Option<f64>> {
        over(&self.sums(firms, hash_mh), &self.start_mh)
    }

    /// The share of the hashrate of the start in the lowest fifth of an order and in its highest, with the given hashrate as the numerator.
    pub fn fifths(&self, order: usize, firms: &Firms, hash_mh: impl Fn(FirmId) -> f64) -> [Option<f64>; 2] {
        let now = self.sums(firms, hash_mh);
        let first = firms.classes.len() + order * DECILES;
        [first..first + 2, first + DECILES - 2..first + DECILES].map(|fifth| {
            let start: f64 = self.start_mh[fifth.clone()].iter().sum();
            (start > 0.0).then(|| now[fifth].iter().sum::<f64>() / start)
        })
    }

    /// The share over all firms; `None` if there were none.
    pub fn share_of_all(&self, firms: &Firms, weight: impl Fn(FirmId) -> f64) -> Option<f64> {
        let of_all = |sums: &[f64]| sums[..firms.classes.len()].iter().sum::<f64>();
        let start = of_all(&self.start);
        (start > 0.0).then(|| of_all(&self.sums(firms, weight)) / start)
    }
}

/// The deciles of `survival.csv`, the most efficient and the cheapest power first.
const DECILE_NAMES: [&str; DECILES] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"];

fn over(now: &[f64], start: &[f64]) -> Vec<Option<f64>> {
    now.iter().zip(start).map(|(now, &start)| (start > 0.0).then(|| now / start)).collect()
}

/// Mean price of power of each firm's machines by load, USD/kWh; 0 without load.
#[expect(clippy::cast_precision_loss, reason = "mW are known to 53 bits")]
fn power_prices(population: &Population) -> Column<FirmId, f64> {
    let lots = &population.lots;
    let mut sums: Column<FirmId, (f64, f64)> = Column::filled((0.0, 0.0), population.firms.len());
    for lot in lots.firm.ids() {
        let (load, bill) = &mut sums[lots.firm[lot]];
        let power = lots.full_mw[lot] as f64;
        *load += power;
        *bill += power * population.sites.power_price[lots.site[lot]].get();
    }
    sums.iter().map(|&(load, bill)| if load > 0.0 { bill / load } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        units::{ClassId, Efficiency},
        world::population::Firms,
    };

    /// Twenty firms of two classes, of which one stands for ten: efficiencies 1, 2, … 20 J/TH.
    fn twenty() -> Population {
        let firms = Firms {
            name: (0..20).map(|firm| format!("firm-{firm}")).collect(),
            class: (0..20).map(|firm| ClassId::of(usize::from(firm >= 15))).collect(),
            classes: vec!["a".into(), "b".into()].into(),
            weight: Column::filled(1.0, 20),
            installed_mh: Column::filled(1, 20),
            efficiency: (1..=20).map(|j| Efficiency::new(f64::from(j))).collect(),
            ..Firms::default()
        };
        Population { firms, ..Population::default() }
    }

    #[test]
    fn two_of_twenty_make_a_decile_and_the_dead_are_counted_out() {
        let population = twenty();
        let survival = Survival::new(&population);
        let shares = survival.shares(&population.firms, |firm| if (1..18).contains(&firm.row()) { 1.0 } else { 0.0 });
        assert_eq!(survival.share_of_all(&population.firms, |firm| if firm.row() < 5 { 1.0 } else { 0.0 }), Some(0.25));
        assert_eq!(shares[..2], [Some(14.0 / 15.0), Some(3.0 / 5.0)]);
        assert_eq!(shares[2], Some(0.5), "one of the two most efficient is gone");
        assert_eq!(shares[3..11], [Some(1.0); 8]);
        assert_eq!(shares[11], Some(0.0), "the two least efficient are");
        let left = |firm: FirmId| if firm.row() < 17 { 1.0 } else { 0.0 };
        assert_eq!(survival.fifths(0, &population.firms, left), [Some(1.0), Some(0.25)]);
        assert_eq!(survival.hashrate_shares(&population.firms, left)[11], Some(0.0));
    }

    /// Deciles are tenths of hashrate: a firm of half of it is alone in its decile, that of its midpoint.
    #[test]
    fn deciles_are_of_hashrate() {
        let mut population = twenty();
        population.firms.installed_mh[FirmId::of(0)] = 19;
        let survival = Survival::new(&population);
        let only = |wanted: usize| {
            let of = move |firm: FirmId| if firm.row() == wanted { 1.0 } else { 0.0 };
            survival
                .shares(&population.firms, of)
                .iter()
                .skip(2)
                .take(10)
                .position(|share| share.is_some_and(|share| share > 0.0))
        };
        assert_eq!([only(0), only(1), only(19)], [Some(2), Some(5), Some(9)]);
    }

    /// A cohort fails in part, and a later firm does not change the surviving share.
    #[test]
    fn a_cohort_dies_in_part() {
        let mut population = twenty();
        population.firms.weight[FirmId::of(3)] = 10.0;
        let survival = Survival::new(&population);
        population.firms.weight[FirmId::of(3)] = 4.0;
        let shares = survival.shares(&population.firms, |firm| population.firms.weight[firm]);
        assert_eq!((shares[0], survival.weight_start(FirmId::of(3))), (Some(18.0 / 24.0), 10.0));
        population.firms.name.push("new".into());
        population.firms.class.push(ClassId::of(1));
        population.firms.weight.push(100.0);
        assert_eq!(survival.shares(&population.firms, |firm| population.firms.weight[firm]), shares);
        assert!(survival.weight_start(FirmId::of(20)).abs() < 1e-12, "a newcomer was not there at the start");
    }

    /// A possible entrant is not an initial firm: here, half of class b.
    #[test]
    fn firms_without_machines_at_the_start_are_not_counted() {
        let mut population = twenty();
        population.firms.installed_mh.iter_mut().skip(15).take(3).for_each(|mh| *mh = 0);
        let survival = Survival::new(&population);
        let shares = survival.shares(&population.firms, |firm| if firm.row() < 19 { 1.0 } else { 0.0 });
        assert_eq!(shares[..2], [Some(1.0), Some(0.5)]);
        assert_eq!((survival.weight_start(FirmId::of(15)), survival.weight_start(FirmId::of(18))), (0.0, 1.0));
        population.firms.installed_mh.fill(0);
        assert_eq!(Survival::new(&population).shares(&population.firms, |_| 1.0), [None; 22]);
    }
}
