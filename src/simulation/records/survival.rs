//! Survival of firms: by class, and by the efficiency of a firm's machines at the start.
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
//! Deciles are of owners: the firms in order of the mean efficiency of their machines at the start, best first, with a cut at each tenth of all
//! weight. A firm that a cut would split belongs to the decile of its midpoint.

use crate::units::{Column, FirmId, Id};
use crate::world::population::{Firms, Population};

/// Groups by efficiency.
pub const DECILES: usize = 10;

/// Group of each initial firm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Survival {
    /// Decile of each firm, and its weight at the start; firms without machines are not initial firms.
    firms: Column<FirmId, Option<(u8, f64)>>,
    /// Weight at the start by class, then by decile.
    start: Vec<f64>,
}

impl Survival {
    /// The groups at the start.
    #[must_use]
    pub fn new(population: &Population) -> Self {
        let firms = &population.firms;
        let mut order: Vec<FirmId> = firms.ids().filter(|&firm| firms.installed_mh[firm] > 0).collect();
        order.sort_by(|&a, &b| {
            firms.efficiency[a].total_cmp(&firms.efficiency[b]).then_with(|| firms.name[a].cmp(&firms.name[b]))
        });
        let total: f64 = order.iter().map(|&firm| firms.weight[firm]).sum();
        let mut survival = Self { firms: Column::filled(None, firms.len()), start: Vec::new() };
        let mut before = 0.0;
        for firm in order {
            let weight = firms.weight[firm];
            let middle = before + weight / 2.0;
            before += weight;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 9")]
            let decile = (middle / total * 10.0) as u8;
            survival.firms[firm] = Some((decile.min(9), weight));
        }
        survival.start = survival.sums(firms, |firm| firms.weight[firm]);
        survival
    }

    /// Number of miners that a firm stood for at the start; 0 if it had no machines then.
    #[must_use]
    pub fn weight_start(&self, firm: FirmId) -> f64 {
        self.firms.get(firm).copied().flatten().map_or(0.0, |(_, weight)| weight)
    }

    fn sums(&self, firms: &Firms, weight: impl Fn(FirmId) -> f64) -> Vec<f64> {
        let classes = firms.classes.len();
        let mut sums = vec![0.0; classes + DECILES];
        for (firm, group) in self.firms.entries() {
            let Some((decile, _)) = group else { continue };
            sums[firms.class[firm].row()] += weight(firm);
            sums[classes + usize::from(*decile)] += weight(firm);
        }
        sums
    }

    /// The share of each class, then of each decile, with the given weight of its firms as the numerator; `None` for groups that were empty at the
    /// start.
    pub fn shares(&self, firms: &Firms, weight: impl Fn(FirmId) -> f64) -> Vec<Option<f64>> {
        let now = self.sums(firms, weight);
        now.iter().zip(&self.start).map(|(now, &start)| (start > 0.0).then(|| now / start)).collect()
    }

    /// The share over all firms; `None` if there were none.
    pub fn share_of_all(&self, firms: &Firms, weight: impl Fn(FirmId) -> f64) -> Option<f64> {
        let of_all = |sums: &[f64]| sums[..firms.classes.len()].iter().sum::<f64>();
        let start = of_all(&self.start);
        (start > 0.0).then(|| of_all(&self.sums(firms, weight)) / start)
    }
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
        assert_eq!(Survival::new(&population).shares(&population.firms, |_| 1.0), [None; 12]);
    }
}
