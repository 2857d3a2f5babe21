//! Cash, coins and debt of firms, by class and in total.

use super::owners::is_owner;
use crate::{
    simulation::{
        Simulation,
        record::{ClassRecord, Observer},
        records::runway as rule,
    },
    units::{FirmId, Hashprice, Hashrate, LoanId, NanoUsd, Sats, Seconds, Usd},
    world::{
        ledger::{Sold, Standing},
        lots::ph,
    },
};

/// Days of runway of each owner, with its weight.
#[expect(clippy::cast_precision_loss, reason = "nano-dollars are known to 53 bits")]
fn runways(simulation: &Simulation<'_>, now: f64) -> impl Iterator<Item = (Option<f64>, f64)> {
    let (ledger, price) = (&simulation.world.ledger, simulation.world.quote());
    let x = Hashprice::earned(simulation.world.chain.difficulty(), simulation.world.chain.reward(), price).get();
    let period = ledger.loans.period_days;
    let of = move |firm: FirmId| {
        let service = |loan: LoanId| {
            let (interest, principal) = ledger.loans.rows[loan].falls_due(now, period);
            (interest + principal).usd() / period
        };
        let serves = ledger.standing[firm] != Standing::Chapter11;
        let service: f64 = if serves { ledger.loans.of(firm).map(service).sum() } else { 0.0 };
        let burn = ledger[firm].cost_nusd as f64 * 1e-9 + service - x * ph(ledger[firm].running_mh);
        if burn <= 0.0 {
            return (None, simulation.world.population.firms.weight[firm]);
        }
        let balance = ledger.balance(firm);
        let free = balance.coins - Sats::new(ledger.pledged[firm]);
        let liquid = balance.cash.get() + free.btc() * price.get();
        (rule::days(liquid, burn), simulation.world.population.firms.weight[firm])
    };
    simulation.world.population.firms.ids().filter(|&firm| is_owner(&simulation.world, firm)).map(of)
}

/// Days of runway that 10, 50 and 90 % of miners do not exceed.
pub(super) fn runway(simulation: &Simulation<'_>, now: f64) -> [Option<f64>; 3] {
    rule::quantiles(runways(simulation, now), [0.1, 0.5, 0.9])
}

/// Whether the median runway may be shorter than at the end of every previous epoch.
pub(super) fn runway_may_be_shortest(simulation: &Simulation<'_>, now: f64) -> bool {
    let total = simulation.world.population.firms.weight.iter().sum();
    let shortest = simulation.records.measure.shortest_runway().unwrap_or(f64::INFINITY);
    rule::median_may_be_below(runways(simulation, now), total, shortest)
}

/// Records cash, coins and debt of each class's firms.
pub(super) fn by_class(simulation: &Simulation<'_>, epoch: u64, now: f64, observer: &mut impl Observer) {
    let (firms, ledger) = (&simulation.world.population.firms, &simulation.world.ledger);
    for (id, class) in firms.classes.entries() {
        let (mut running_mh, mut mined, mut coins, mut sold) = (0, Sats::ZERO, Sats::ZERO, Sold::default());
        let (mut cash, mut debt) = (Usd::ZERO, NanoUsd::ZERO);
        for firm in firms.ids().filter(|&firm| firms.class[firm] == id) {
            running_mh += ledger[firm].running_mh;
            let balance = ledger.balance(firm);
            mined += balance.mined;
            sold = sold.plus(balance.sold);
            coins += balance.coins;
            cash += balance.cash;
            debt += ledger.debt[firm];
        }
        observer.on_class(&ClassRecord {
            epoch,
            time: Seconds::new(now),
            class,
            running: Hashrate::from_mh(running_mh),
            mined,
            sold_voluntary: sold.voluntary,
            sold_forced: sold.forced,
            sold_liquidation: sold.liquidation,
            coins,
            cash,
            debt: Usd::new(debt.usd()),
        });
    }
}
