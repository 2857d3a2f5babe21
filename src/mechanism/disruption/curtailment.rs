//! Machines forced off whatever their rule: a ban, a storm, a request of the grid (model.md 5.4, "forced").

use super::params::Curtailment;
use crate::units::LotId;
use crate::{
    random::{Draw, name_hash},
    world::{lots::LotKind, population::Population},
};

impl Curtailment {
    /// Whether it concerns a lot.
    fn concerns(&self, population: &Population, lot: LotId) -> bool {
        let (firms, sites, lots) = (&population.firms, &population.sites, &population.lots);
        let class = &firms.classes[firms.class[lots.firm[lot]]];
        let region = &population.regions[sites.region[lots.site[lot]]];
        (self.regions.is_empty() || self.regions.contains(region))
            && (self.classes.is_empty() || self.classes.contains(class))
    }

    /// The lots that go off, given which run: in the order of a draw addressed by lot and event, the number that brings their running hashrate
    /// nearest to the share. Idle lots reached in this order are held off too. Both modes of a machine go together. If nothing runs, each lot is held
    /// with probability `share`.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a network's MH/s are known to 53 bits")]
    pub fn choose(&self, population: &Population, draw: Draw, runs: impl Fn(LotId) -> bool) -> Vec<LotId> {
        let lots = &population.lots;
        let event = name_hash(&self.name);
        let running =
            |lot: LotId| -> u64 { lots.modes(lot).filter(|&mode| runs(mode)).map(|mode| lots.hash_mh[mode]).sum() };
        let mut concerned: Vec<(f64, LotId)> = lots
            .ids()
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
            chosen.extend(lots.modes(lot));
        }
        chosen
    }
}
