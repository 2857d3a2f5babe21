//! Lots decide whether to run, all on the same information.

use super::rule::{View, expected_retarget, smoothed};
use crate::{
    chain::subsidy::subsidy,
    random::{Draw, Purpose},
    units::{DAY_S, Days, Hashprice, Hashrate, LotId, Sats, Seconds, Usd, UsdPerBtc},
    world::{
        EventKind, World,
        fleet::Decision,
        lots::{LotKind, ph},
    },
};

const TARGET_SPACING: Seconds = Seconds::new(600.0);

/// Operators' memory and speed of reaction.
#[derive(Clone, Debug)]
pub struct Operators {
    response: Draw,
    /// Smoothed hashprice.
    smooth: Hashprice,
}

impl Operators {
    /// The state at the start, at this hashprice.
    #[must_use]
    pub fn new(seed: u64, replica: u64, hashprice: Hashprice) -> Self {
        Self { response: Draw::new(seed, replica, Purpose::Response), smooth: hashprice }
    }

    /// Information common to all miners at the start of a step.
    #[must_use]
    pub fn view(&self, world: &World<'_>, price: UsdPerBtc) -> View {
        let (x, chain) = (world.hashprice_at(price), &world.chain);
        let Some(left) = chain.blocks_to_retarget() else {
            return View { x, x_smooth: self.smooth, x_next: x, days_to_retarget: Days::ZERO };
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "blocks of one epoch")]
        let found = chain.blocks_into_epoch() as u64;
        let ratio = expected_retarget(found, chain.epoch_elapsed(), TARGET_SPACING);
        #[expect(clippy::cast_precision_loss, reason = "blocks of one epoch")]
        let days_to_retarget = Days::from(TARGET_SPACING) * (left as f64 / ratio);
        View { x, x_smooth: self.smooth, x_next: x * pay_at_retarget(world, left) / ratio, days_to_retarget }
    }

    /// All lots decide simultaneously.
    pub fn decide<'a>(&self, world: &mut World<'a>, view: View) -> Decision<'a> {
        if world.fleet.is_changed() {
            world.fleet.refresh(&mut world.population);
        }
        let operation = &world.scenario.operation;
        let decision = Decision { view, now: world.clock.now, operation, response: self.response };
        world.fleet.decide(&world.population, &mut world.ledger, &decision);
        decision
    }

    /// Updates the smoothed hashprice after hashprice was constant for some time.
    pub fn learn(&mut self, world: &World<'_>, hashprice: Hashprice, passed: Days) {
        let half_life = Days::from(world.scenario.operation.adaptive_half_life);
        self.smooth = smoothed(self.smooth, hashprice, passed, half_life);
    }
}

/// Records the lots that were switched in this step; those that restart at a host fill up the deposit again.
pub fn record_switches(world: &mut World<'_>) {
    for place in 0..world.fleet.switches.len() {
        let switch = world.fleet.switches[place];
        if switch.on {
            fill_up_deposit(world, switch.lot);
        }
        let kind = if switch.on { EventKind::Restart } else { EventKind::Shutdown };
        let lots = &world.population.lots;
        let (firm, hash_mh) = (lots.firm[switch.lot], lots.hash_mh[switch.lot]);
        world.emit(kind, firm, Hashrate::from_mh(hash_mh), Usd::ZERO, Sats::ZERO);
    }
}

/// Machines that restart owe what the host took from the deposit while they were off: the fee for that time, at most the deposit.
fn fill_up_deposit(world: &mut World<'_>, lot: LotId) {
    let (lots, sites) = (&world.population.lots, &world.population.sites);
    let site = lots.site[lot];
    let terms = world.terms().at(&world.population, site);
    let deposit = terms.contract.deposit_days();
    if deposit == 0.0 || lots.kind[lot] == LotKind::Boost {
        return;
    }
    let days = ((world.clock.now - world.fleet.off_since(lot)) / DAY_S).min(deposit);
    let full: u64 = lots.modes(lot).map(|mode| lots.full_mh[mode]).sum();
    let fee = terms.bill(lots.efficiency[lot], sites.power_price[site]).get() * ph(full);
    let firm = lots.firm[lot];
    world.ledger.accrue(firm, world.clock.now);
    world.ledger[firm].bill += fee * days;
}

/// Expected reward of a block once `left` more are found, over the present reward: lower if a halving comes first.
fn pay_at_retarget(world: &World<'_>, left: u64) -> f64 {
    let chain = &world.chain;
    let ahead = chain.next_halving() - chain.height() - 1;
    if ahead > left || !world.scenario.operation.foresees_halvings {
        return 1.0;
    }
    let after = subsidy(chain.next_halving()) + chain.fees();
    let now = chain.reward();
    if now == Sats::ZERO { 1.0 } else { after.btc() / now.btc() }
}
