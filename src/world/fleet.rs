//! Which lots run: the variable state of the population. Every total is an integer that is updated as lots switch and is never summed anew.

mod change;

use crate::{
    mechanism::operate::{
        params::OperationParams,
        rule::{Signal, View, wants_to_run},
    },
    random::Draw,
    units::{Column, FirmId, Hashprice, LotId, RegionId, Seconds, SiteId},
    world::{
        ledger::Ledger,
        lots::{LotKind, Lots, ph},
        population::{BIN_COUNT, Population},
    },
};

const RUNNING: u8 = 1;
const PENDING: u8 = 2;
/// The lot stands in the list of waiting lots, even if it no longer waits.
const QUEUED: u8 = 4;
/// The lot has left the network for good.
const GONE: u8 = 8;
/// The lot is kept off by force.
const HELD: u8 = 16;

/// A lot that has just been switched.
#[derive(Clone, Copy, Debug)]
pub struct Switch {
    /// Index of the lot.
    pub lot: LotId,
    /// Whether it was switched on.
    pub on: bool,
}

/// The state of all lots and its totals.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    state: Column<LotId, u8>,
    /// Instant at which a waiting lot switches, s.
    due: Column<LotId, f64>,
    /// Instant at which an idle lot was switched off, s.
    off_since: Column<LotId, f64>,
    /// Number of crossings so far: the index of the next response draw.
    crossings: Column<LotId, u32>,
    waiting: Vec<LotId>,
    /// Number of curtailments that keep a lot off.
    holds: Column<LotId, u16>,
    /// Lots that watch the retarget and run below break-even: their decision depends on the retarget, so they are evaluated at every tick.
    strained: Vec<LotId>,
    /// Values at the last decision: hashprice, smoothed hashprice, and the higher of hashprice and expected hashprice.
    hashprice: Hashprice,
    smooth: Hashprice,
    best: Hashprice,
    /// Lots changed since the last decision: they must be moved in the fronts, and are evaluated whatever thresholds were crossed.
    changed: Vec<LotId>,
    /// Number of changes of each firm's machines, so that values computed from them can be kept until the next change.
    versions: Column<FirmId, u64>,
    /// Running hashrate, MH/s.
    pub running_mh: u64,
    /// Hashrate installed at active firms, MH/s.
    pub installed_mh: u64,
    /// Running hashrate with avoidable cost above hashprice, MH/s.
    pub underwater_mh: u64,
    /// Avoidable cost of that hashrate, 10^-9 USD per day.
    pub underwater_cost_nusd: i128,
    /// Power at the meter, mW.
    pub power_mw: u64,
    /// Running hashrate and power at the meter by region, MH/s and mW.
    pub running_by_region: Column<RegionId, (u64, u64)>,
    /// Running hashrate by site, MH/s.
    running_by_site: Column<SiteId, u64>,
    /// Running hashrate by bin of efficiency, MH/s.
    pub running_by_bin: [u64; BIN_COUNT],
    /// Installed hashrate by bin of efficiency, MH/s.
    pub installed_by_bin: [u64; BIN_COUNT],
    /// Switches of this tick, in order.
    pub switches: Vec<Switch>,
}

/// Information on which lots decide, and how fast they act.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// The view of the market, common to all lots.
    pub view: View,
    /// Current time, s.
    pub now: f64,
    /// How lots are operated.
    pub operation: &'a OperationParams,
    /// Draws of response delays.
    pub response: Draw,
}

/// Whether hashprice alone keeps a lot in this state off.
const fn waits(state: u8) -> bool {
    state & (RUNNING | GONE | HELD) == 0
}

impl Fleet {
    /// The state at the start of a history, at this hashprice.
    #[must_use]
    pub fn start(population: &Population, hashprice: Hashprice, ledger: &mut Ledger) -> Self {
        let lots = &population.lots;
        let mut fleet = Self {
            state: Column::filled(0, lots.len()),
            due: Column::filled(0.0, lots.len()),
            off_since: Column::filled(0.0, lots.len()),
            crossings: Column::filled(0, lots.len()),
            holds: Column::filled(0, lots.len()),
            versions: Column::filled(0, population.firms.len()),
            hashprice,
            smooth: hashprice,
            best: hashprice,
            installed_mh: population.installed_mh(),
            running_by_region: Column::filled((0, 0), population.regions.len()),
            ..Self::default()
        };
        for lot in lots.ids() {
            fleet.installed_by_bin[lots.bin[lot] as usize] += lots.full_mh[lot];
            if population.starts_running(lot, hashprice) {
                fleet.switch(population, ledger, lot, true, 0.0);
                if lots.rule[lot].watches() == Signal::Retarget && fleet.is_strained(population, lot) {
                    fleet.strained.push(lot);
                }
            }
        }
        fleet.switches.clear();
        fleet
    }

    /// Instant at which an idle lot was switched off, s.
    #[must_use]
    pub fn off_since(&self, lot: LotId) -> f64 {
        self.off_since[lot]
    }

    /// Whether a lot runs.
    #[must_use]
    pub fn runs(&self, lot: LotId) -> bool {
        self.state[lot] & RUNNING != 0
    }

    /// Running hashrate of a site, MH/s.
    #[must_use]
    pub fn running_at(&self, site: SiteId) -> u64 {
        self.running_by_site.get(site).copied().unwrap_or(0)
    }

    /// Spot hashprice at the last decision.
    #[must_use]
    pub fn hashprice(&self) -> Hashprice {
        self.hashprice
    }

    /// Loss of hashrate that runs below break-even: avoidable cost less revenue, USD/day.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "nano-dollars of a network are known to 53 bits")]
    pub fn underwater_loss_usd_per_day(&self) -> f64 {
        (self.underwater_cost_nusd as f64 * 1e-9 - ph(self.underwater_mh) * self.hashprice.get()).max(0.0)
    }

    /// Number of changes of a firm's machines.
    #[must_use]
    pub fn version(&self, firm: FirmId) -> u64 {
        self.versions[firm]
    }

    /// Whether hashprice alone keeps a lot off.
    #[must_use]
    pub fn waits(&self, lot: LotId) -> bool {
        waits(self.state[lot])
    }

    /// Lots that hashprice alone keeps off, since this instant or longer.
    pub fn idle_since(&self, instant: f64) -> impl Iterator<Item = LotId> {
        let idle = move |&((_, &state), &since): &((LotId, &u8), &f64)| waits(state) && since <= instant;
        self.state.entries().zip(&self.off_since).filter(idle).map(|((lot, _), _)| lot)
    }

    /// Hashrate that hashprice alone keeps off and that would restart at this hashprice, MH/s.
    #[must_use]
    pub fn restarting_mh(&self, lots: &Lots, hashprice: Hashprice) -> u64 {
        // Without a branch, and never beyond installed hashrate: a loop that the compiler can vectorise.
        self.state.iter().zip(&lots.hash_mh).zip(&lots.high).fold(0, |sum: u64, ((&state, &mh), &high)| {
            let restarts = u64::from(waits(state)) & u64::from(high <= hashprice);
            sum.wrapping_add(mh & restarts.wrapping_neg())
        })
    }

    /// Whether a lot is kept off by force.
    #[must_use]
    pub fn is_held(&self, lot: LotId) -> bool {
        self.state[lot] & HELD != 0
    }

    /// Whether a lot has left the network.
    #[must_use]
    pub fn is_gone(&self, lot: LotId) -> bool {
        self.state[lot] & GONE != 0
    }

    /// All lots decide on the same information: those whose threshold was crossed are evaluated, and those whose delay has passed switch.
    pub fn decide(&mut self, population: &Population, ledger: &mut Ledger, decision: &Decision<'_>) {
        self.switches.clear();
        let view = decision.view;
        let best = view.x.max(view.x_next);
        let hashprice = std::mem::replace(&mut self.hashprice, view.x);
        let smooth = std::mem::replace(&mut self.smooth, view.x_smooth);
        let best_before = std::mem::replace(&mut self.best, best);
        let fronts = &population.fronts;
        // An idle aware lot starts iff lambda <= x and high <= max(x, x'), and a running one with lambda <= x stays. So the decision of an aware lot
        // can only have changed if x crossed lambda or max(x, x') crossed high, or if it runs below break-even.
        let mut aware = std::mem::take(&mut self.strained);
        fronts.water.cross(hashprice, view.x, |lot| {
            self.cross_water(population, lot);
            if population.lots.rule[lot].watches() == Signal::Retarget {
                aware.push(lot);
            }
        });
        let mut changed = std::mem::take(&mut self.changed);
        for lot in changed.drain(..) {
            if population.lots.rule[lot].watches() == Signal::Retarget {
                aware.push(lot);
            } else {
                self.ask(population, ledger, lot, decision);
            }
        }
        self.changed = changed;
        fronts.aware_high.cross(best_before, best, |lot| aware.push(lot));
        fronts.spot_low.cross(hashprice, view.x, |lot| self.ask(population, ledger, lot, decision));
        fronts.spot_high.cross(hashprice, view.x, |lot| self.ask(population, ledger, lot, decision));
        fronts.smooth.cross(smooth, view.x_smooth, |lot| self.ask(population, ledger, lot, decision));
        aware.sort_unstable();
        aware.dedup();
        for &lot in &aware {
            self.ask(population, ledger, lot, decision);
        }
        self.act(population, ledger, decision);
        aware.retain(|&lot| self.is_strained(population, lot));
        self.strained = aware;
    }

    /// Compares a lot's desired state with its present one, and starts or cancels a plan to switch.
    fn ask(&mut self, population: &Population, ledger: &mut Ledger, lot: LotId, decision: &Decision<'_>) {
        self.ask_back(population, ledger, lot, decision, decision.operation.restart_response);
    }

    /// As [`Self::ask`], with this mean delay of a restart; without one it is that of a stop.
    fn ask_back(
        &mut self,
        population: &Population,
        ledger: &mut Ledger,
        lot: LotId,
        decision: &Decision<'_>,
        restart_response: Option<Seconds>,
    ) {
        let state = self.state[lot];
        if state & (GONE | HELD) != 0 {
            return;
        }
        let lots = &population.lots;
        let running = state & RUNNING != 0;
        let wants = wants_to_run(
            lots.rule[lot],
            running,
            lots.lambda[lot],
            lots.low[lot],
            lots.high[lot],
            lots.switching_cost[lot],
            &decision.view,
        ) && (lots.kind[lot] != LotKind::Boost || self.runs(lot.eco()));
        if wants == running {
            self.state[lot] = state & !PENDING;
            return;
        }
        if state & PENDING != 0 {
            return;
        }
        let operation = decision.operation;
        // Leaving eco mode is a setting, not a restart.
        let restarts = wants && lots.kind[lot] != LotKind::Boost;
        let mut delay = if restarts { restart_delay(operation, decision.now - self.off_since[lot]) } else { 0.0 };
        let response = restart_response.filter(|_| restarts).unwrap_or(operation.response);
        if response.get() > 0.0 {
            let crossing = u64::from(self.crossings[lot]);
            delay += response.get() * decision.response.exponential(lots.key[lot], crossing);
            self.crossings[lot] += 1;
        }
        if delay <= 0.0 {
            self.switch_with_boost(population, ledger, lot, wants, decision);
            return;
        }
        self.due[lot] = decision.now + delay;
        self.state[lot] |= PENDING;
        if state & QUEUED == 0 {
            self.state[lot] |= QUEUED;
            self.waiting.push(lot);
        }
    }

    /// Switches waiting lots whose delay has passed; lots that no longer want to switch leave the list.
    fn act(&mut self, population: &Population, ledger: &mut Ledger, decision: &Decision<'_>) {
        let mut waiting = std::mem::take(&mut self.waiting);
        waiting.retain(|&lot| {
            let state = self.state[lot];
            let due = state & PENDING != 0 && self.due[lot] <= decision.now;
            if due {
                self.state[lot] &= !PENDING;
                self.switch_with_boost(population, ledger, lot, state & RUNNING == 0, decision);
            }
            let stays = self.state[lot] & PENDING != 0;
            if !stays {
                self.state[lot] &= !QUEUED;
            }
            stays
        });
        // Boosts activated by their eco mode may have begun to wait meanwhile.
        waiting.append(&mut self.waiting);
        self.waiting = waiting;
    }

    /// A boost stops with its eco mode, and is evaluated again when that restarts.
    fn switch_with_boost(
        &mut self,
        population: &Population,
        ledger: &mut Ledger,
        lot: LotId,
        on: bool,
        decision: &Decision<'_>,
    ) {
        self.switch(population, ledger, lot, on, decision.now);
        if population.lots.kind[lot] == LotKind::Eco {
            if on {
                self.ask(population, ledger, lot.boost(), decision);
            } else {
                self.state[lot.boost()] &= !PENDING;
                if self.runs(lot.boost()) {
                    self.switch(population, ledger, lot.boost(), false, decision.now);
                }
            }
        }
    }

    /// Turns a lot on or off now, and updates the totals.
    fn switch(&mut self, population: &Population, ledger: &mut Ledger, lot: LotId, on: bool, now: f64) {
        let lots = &population.lots;
        let (hash, power, bin) = (lots.hash_mh[lot], lots.power_mw[lot], lots.bin[lot] as usize);
        let firm = lots.firm[lot];
        let under_water = lots.lambda[lot] > self.hashprice;
        ledger.accrue(firm, now);
        self.count_place(population, lot, on);
        if on {
            self.state[lot] |= RUNNING;
            self.running_mh += hash;
            self.power_mw += power;
            self.running_by_bin[bin] += hash;
            if under_water {
                self.underwater_mh += hash;
                self.underwater_cost_nusd += i128::from(lots.cost_nusd[lot]);
            }
            ledger[firm].running_mh += hash;
            ledger[firm].cost_nusd += lots.cost_nusd[lot];
        } else {
            self.state[lot] &= !RUNNING;
            self.off_since[lot] = now;
            self.running_mh -= hash;
            self.power_mw -= power;
            self.running_by_bin[bin] -= hash;
            if under_water {
                self.underwater_mh -= hash;
                self.underwater_cost_nusd -= i128::from(lots.cost_nusd[lot]);
            }
            ledger[firm].running_mh -= hash;
            ledger[firm].cost_nusd -= lots.cost_nusd[lot];
        }
        // A lot without machines keeps its row, and changes no total.
        if hash > 0 {
            self.switches.push(Switch { lot, on });
        }
    }

    /// Adds a running lot to the totals of its site and region, or subtracts it.
    fn count_place(&mut self, population: &Population, lot: LotId, into: bool) {
        let (lots, sites) = (&population.lots, &population.sites);
        let site = lots.site[lot];
        self.running_by_site.reach(sites.len(), 0);
        let (of_site, (hash, power)) =
            (&mut self.running_by_site[site], &mut self.running_by_region[sites.region[site]]);
        for (total, of_lot) in [(of_site, lots.hash_mh[lot]), (hash, lots.hash_mh[lot]), (power, lots.power_mw[lot])] {
            *total = if into { *total + of_lot } else { *total - of_lot };
        }
    }

    /// Forces lots off until [`Fleet::release`]; a lot held twice must be released twice. For a machine with two modes, both lots must be given.
    pub fn hold(&mut self, population: &Population, ledger: &mut Ledger, lots: &[LotId], now: f64) {
        for &lot in lots {
            self.holds[lot] += 1;
            if self.is_gone(lot) {
                continue;
            }
            self.state[lot] = (self.state[lot] | HELD) & !PENDING;
            if self.runs(lot) {
                self.switch(population, ledger, lot, false, now);
            }
        }
    }

    /// Lots that nothing else holds may run again and are evaluated at once: they restart as after any stop, with the usual delays.
    pub fn release(&mut self, population: &Population, ledger: &mut Ledger, lots: &[LotId], decision: &Decision<'_>) {
        for &lot in lots {
            self.holds[lot] -= 1;
            if self.holds[lot] == 0 {
                self.state[lot] &= !HELD;
            }
        }
        // Machines that were forced off come back as quickly as machines stop: they were not off for the price.
        for &lot in lots {
            self.ask_back(population, ledger, lot, decision, None);
        }
    }

    /// Takes a firm's machines off the network for good.
    pub fn remove(&mut self, population: &Population, ledger: &mut Ledger, firm: FirmId, now: f64) {
        for lot in population.lots_of_firm(firm).filter(|&lot| self.state[lot] & GONE == 0).collect::<Vec<_>>() {
            if self.runs(lot) {
                self.switch(population, ledger, lot, false, now);
            }
            self.state[lot] = (self.state[lot] & QUEUED) | GONE;
            let hash = population.lots.full_mh[lot];
            self.installed_mh -= hash;
            self.installed_by_bin[population.lots.bin[lot] as usize] -= hash;
        }
        ledger.accrue(firm, now);
        self.versions[firm] += 1;
        ledger[firm].cost_nusd = 0;
    }

    /// Whether a lot runs below break-even.
    fn is_strained(&self, population: &Population, lot: LotId) -> bool {
        self.runs(lot) && population.lots.lambda[lot] > self.hashprice
    }

    fn cross_water(&mut self, population: &Population, lot: LotId) {
        if self.runs(lot) {
            let (hash, cost) = (population.lots.hash_mh[lot], i128::from(population.lots.cost_nusd[lot]));
            if population.lots.lambda[lot] > self.hashprice {
                self.underwater_mh += hash;
                self.underwater_cost_nusd += cost;
            } else {
                self.underwater_mh -= hash;
                self.underwater_cost_nusd -= cost;
            }
        }
    }
}

/// Time to bring back a lot that was off for `idle` seconds.
fn restart_delay(operation: &OperationParams, idle: f64) -> f64 {
    operation
        .restart_delays
        .iter()
        .find(|(off_for_less_than, _)| idle < off_for_less_than.get())
        .or(operation.restart_delays.last())
        .map_or(0.0, |(_, delay)| delay.get())
}

#[cfg(test)]
mod tests;
