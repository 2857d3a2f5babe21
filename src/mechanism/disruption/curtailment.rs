//! Machines forced off whatever their rule: a ban, a storm, a request of the grid (model.md 5.4, "forced").

use super::params::Curtailment;
use crate::{
    random::{Draw, name_hash},
    world::{lots::LotKind, population::Population},
};

impl Curtailment {
    /// Whether it concerns a lot.
    fn concerns(&self, population: &Population, lot: usize) -> bool {
        let (firms, sites, lots) = (&population.firms, &population.sites, &population.lots);
        let class = &firms.classes[firms.class[lots.firm[lot] as usize] as usize];
        let region = &population.regions[sites.region[lots.site[lot] as usize] as usize];
        (self.regions.is_empty() || self.regions.contains(region))
            && (self.classes.is_empty() || self.classes.contains(class))
    }

    /// The lots that go off, given which run: in the order of a draw addressed by lot and event, the number that brings their running hashrate
    /// nearest to the share. Idle lots reached in this order are held off too. Both modes of a machine go together. If nothing runs, each lot is held
    /// with probability `share`.
    ///
    /// # Panics
    /// With more lots than a `u32` counts, which no population has.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a network's MH/s are known to 53 bits")]
    pub fn choose(&self, population: &Population, draw: Draw, runs: impl Fn(usize) -> bool) -> Vec<u32> {
        let lots = &population.lots;
        let event = name_hash(&self.name);
        let has_boost = |lot: usize| lots.kind[lot] == LotKind::Eco;
        let running = |lot: usize| -> u64 {
            (lot..=lot + usize::from(has_boost(lot))).filter(|&mode| runs(mode)).map(|mode| lots.hash_mh[mode]).sum()
        };
        let mut concerned: Vec<(f64, usize)> = (0..lots.len())
            .filter(|&lot| lots.kind[lot] != LotKind::Boost && self.concerns(population, lot))
            .map(|lot| (draw.uniform(lots.key[lot], event), lot))
            .collect();
        concerned.sort_by(|(a, one), (b, other)| a.total_cmp(b).then(one.cmp(other)));
        let total: u64 = concerned.iter().map(|&(_, lot)| running(lot)).sum();
        let wanted = self.share * total as f64;
        let mut reached = 0;
        let mut chosen = Vec::new();
        for (uniform, lot) in concerned {
            let hash = running(lot);
            let goes = if total == 0 { uniform <= self.share } else { reached as f64 + 0.5 * hash as f64 <= wanted };
            if !goes {
                break;
            }
            reached += hash;
            chosen.extend(
                (lot..=lot + usize::from(has_boost(lot)))
                    .map(|mode| u32::try_from(mode).expect("lots are counted in u32")),
            );
        }
        chosen
    }
}
