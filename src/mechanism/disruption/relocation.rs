//! A ban on mining in some regions: sites close one after the other; some of their machines restart covertly, some leave the network, the rest move
//! to other regions and restart there.
//!
//! ```text
//! site closes at   from + (until - from) u                  u uniform by site
//! a lot is back    -ln(u) T / ln 2 later                    u uniform by lot; T the half-life
//! T                low (high / low)^u                       u uniform by replica
//! ```
//!
//! Sites close, restart covertly, and leave in the order of draws by name, in the number that brings their hashrate nearest to the shares. A site
//! that moves is in its new region at once, with its own price multiplied, while its machines are in transit.
//!
//! With `queues` machines that move do not come back at random times. They wait for places ([`Places`](crate::world::places::Places)): every delivery of new machines brings one, and
//! gives it to the machines that have waited longest; the delivered machines wait behind them. Machines that restart covertly keep their old places. Source: the model's section 5.5: a
//! half-life of 65 days fits 2021 and includes new machines, so it is the fastest to expect; 20 to 22 % came back covertly (S22). Known errors:
//! machines find room at their destination; moving costs nothing but the time.

use super::params::RegionalBan;
use crate::units::{Column, DAY_S, RegionId, Seconds, SiteId};
use crate::{
    random::{Draw, name_hash},
    world::population::Population,
};

/// Fate of the machines of a site that closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They restart in place.
    Covert,
    /// They leave the network.
    Leave,
    /// They restart in this region.
    Move(RegionId),
}

/// A site that will close.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Closing {
    /// Time of closure.
    pub at: Seconds,
    /// Index of the site.
    pub site: SiteId,
    /// Fate of its machines.
    pub fate: Fate,
    /// Index of the ban.
    pub ban: usize,
}

impl RegionalBan {
    /// The half-life of this replica.
    #[must_use]
    pub fn half_life(&self, draw: Draw) -> Seconds {
        let (low, high) = self.half_life_days;
        Seconds::new(DAY_S * low * libm::pow(high / low, draw.uniform(name_hash(&self.name), 0)))
    }

    /// The sites that will close, in order of time, given the running hashrate of each, MH/s.
    ///
    /// # Panics
    /// If there is no region to go to, which the scenario rules out.
    #[must_use]
    pub fn closings(
        &self,
        ban: usize,
        population: &Population,
        draw: Draw,
        weights: &Column<RegionId, f64>,
        running: &Column<SiteId, u64>,
    ) -> Vec<Closing> {
        let event = name_hash(&self.name);
        let key = |site: SiteId| population.sites.key[site];
        let banned = |region: RegionId| self.regions.contains(&population.regions[region]);
        let there: Vec<SiteId> = population.sites.ids().filter(|&site| banned(population.sites.region[site])).collect();
        let closed = nearest(&there, self.share, running, |site| draw.uniform(key(site), event));
        let covert =
            nearest(&closed, self.covert_share, running, |site| draw.uniform(key(site), event.wrapping_add(1)));
        let rest: Vec<SiteId> = closed.iter().copied().filter(|site| !covert.contains(site)).collect();
        let left = if self.covert_share < 1.0 { self.leave_share / (1.0 - self.covert_share) } else { 0.0 };
        let gone = nearest(&rest, left, running, |site| draw.uniform(key(site), event.wrapping_add(1)));
        let is_open = |&region: &RegionId| {
            if self.to.is_empty() { !banned(region) } else { self.to.contains(&population.regions[region]) }
        };
        let open: Vec<RegionId> = population.regions.ids().filter(is_open).collect();
        let fate = |site: SiteId| {
            if covert.contains(&site) {
                Fate::Covert
            } else if gone.contains(&site) || open.is_empty() {
                Fate::Leave
            } else {
                Fate::Move(pick(&open, weights, draw.uniform(key(site), event.wrapping_add(2))))
            }
        };
        let mut closings: Vec<Closing> = closed
            .iter()
            .map(|&site| {
                let share = draw.uniform(key(site), event.wrapping_add(3));
                let at = self.at + (self.until - self.at) * share;
                Closing { at, site, fate: fate(site), ban }
            })
            .collect();
        closings.sort_by(|a, b| a.at.total_cmp(&b.at).then(a.site.cmp(&b.site)));
        closings
    }

    /// Time until a lot of a closed site restarts.
    #[must_use]
    pub fn journey(&self, draw: Draw, lot_key: u64) -> Seconds {
        self.half_life(draw) * (draw.exponential(lot_key, name_hash(&self.name)) / std::f64::consts::LN_2)
    }
}

/// The subset of `sites`, in the order of their draws, whose running hashrate is nearest to `share` of the total; a site that is too large for the
/// remainder is passed over.
#[expect(clippy::cast_precision_loss, reason = "a network's MH/s are known to 53 bits")]
fn nearest(sites: &[SiteId], share: f64, running: &Column<SiteId, u64>, draw: impl Fn(SiteId) -> f64) -> Vec<SiteId> {
    let mut order: Vec<(f64, SiteId)> = sites.iter().map(|&site| (draw(site), site)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let wanted = share * sites.iter().map(|&site| running[site]).sum::<u64>() as f64;
    let mut reached = 0.0;
    let mut taken = Vec::new();
    for (uniform, site) in order {
        let hash = running[site] as f64;
        let goes = if hash == 0.0 { uniform <= share } else { reached + 0.5 * hash <= wanted };
        if goes {
            reached += hash;
            taken.push(site);
        }
    }
    taken
}

/// One of the regions, with probability in proportion to its weight; uniform if all weights are zero.
#[expect(clippy::cast_precision_loss, reason = "regions are few")]
fn pick(open: &[RegionId], weights: &Column<RegionId, f64>, uniform: f64) -> RegionId {
    let total: f64 = open.iter().map(|&region| weights[region]).sum();
    let weight = |region: RegionId| if total > 0.0 { weights[region] / total } else { 1.0 / open.len() as f64 };
    let mut point = uniform;
    for &region in open {
        point -= weight(region);
        if point <= 0.0 {
            return region;
        }
    }
    open[open.len() - 1]
}
