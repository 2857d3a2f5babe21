//! Machines come and go: what the step calls for it, and the state of it.

use super::{
    record::{EventRecord, Observer},
    step::Simulation,
};
use crate::{
    miner::{
        act::{Deliveries, Ground},
        inventory::Inventory,
        population::Population,
    },
    scenario::Scenario,
    units::{Hashrate, Seconds},
};
use std::sync::Arc;

/// Machines on their way, broken or gone.
#[derive(Clone, Debug, Default)]
pub struct Growth {
    pub(super) inventory: Inventory,
    pub(super) deliveries: Deliveries,
    /// Days whose arrivals are over.
    days: u64,
    /// Delivered when the last day was written down, MH/s.
    delivered_before: u64,
}

impl Growth {
    /// At the start of a history in which so much hashrate runs.
    pub(super) fn open(scenario: &Scenario, population: &Population, running_mh: u64) -> Self {
        let params = &scenario.growth;
        Self {
            inventory: Inventory::open(population),
            deliveries: Deliveries::open(params.orders.as_ref(), params.models.len(), population, running_mh),
            days: 0,
            delivered_before: 0,
        }
    }

    /// Delivered since the last day was written down, EH/s.
    pub(super) fn delivered_today(&self) -> f64 {
        Hashrate::from_mh(self.inventory.delivered_mh - self.delivered_before).eh()
    }

    /// Ordered and not yet delivered, EH/s.
    pub(super) fn on_order(&self) -> f64 {
        Hashrate::from_mh(self.deliveries.on_order_mh).eh()
    }

    /// The day has been written down.
    pub(super) fn close_day(&mut self) {
        self.delivered_before = self.inventory.delivered_mh;
    }
}

impl Simulation<'_> {
    /// Machines arrive at the beginning of a day.
    pub(super) fn arrive(&mut self, observer: &mut impl Observer) {
        let params = &self.scenario.growth;
        if self.growth.days > self.days || params.orders.is_none() {
            return;
        }
        self.growth.days = self.days + 1;
        let today = self.today(self.days);
        let growth = &mut self.growth;
        let mut ground = Ground {
            population: Arc::make_mut(&mut self.population),
            fleet: &mut self.fleet,
            ledger: &mut self.ledger,
            inventory: &mut growth.inventory,
            terms: self.scenario.terms(self.replica),
            now: self.now,
        };
        let mut came = Vec::new();
        let between = f64::from(self.scenario.settlement.every_days);
        growth
            .deliveries
            .arrive(&mut ground, &self.calendar[today], between, |firm, hashrate| came.push((firm, hashrate)));
        for (firm, hashrate) in came {
            self.tell_firm("delivery", firm, hashrate, 0.0, observer);
        }
    }

    fn tell_firm(
        &self,
        kind: &'static str,
        firm: usize,
        hashrate: Hashrate,
        amount_usd: f64,
        observer: &mut impl Observer,
    ) {
        let firm = &self.population.firms.name[firm];
        observer.on_event(&EventRecord {
            time: Seconds::new(self.now),
            kind,
            firm,
            hashrate,
            amount_usd,
            amount_btc: 0.0,
        });
    }
}
