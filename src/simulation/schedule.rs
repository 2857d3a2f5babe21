//! Scheduled events of the scenario, recorded when they happen so that charts can mark them.

use crate::{
    power::ChangeKind,
    units::Seconds,
    world::{EventKind, Scenario, World},
};

/// Scheduled events that have not happened yet: instants, s, and kinds, the next one last.
#[derive(Clone, Debug)]
pub(super) struct Schedule(Vec<(f64, EventKind)>);

impl Schedule {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let shocks = scenario.price.shocks.iter().map(|shock| (shock.at, EventKind::PriceShock));
        let spikes = scenario.chain.fees.spikes.iter().map(|spike| (spike.at, EventKind::FeeSpike));
        let changes = scenario.power.changes.iter().map(|change| {
            let kind = match change.kind {
                ChangeKind::Drift => EventKind::PowerPriceDrift,
                ChangeKind::Shock => EventKind::PowerPriceShock,
                ChangeKind::Tariff => EventKind::Tariff,
            };
            (change.from, kind)
        });
        let bans = scenario
            .bans
            .iter()
            .map(|ban| (ban.at, if ban.is_ban { EventKind::RegionalBan } else { EventKind::Migration }));
        let freezes = scenario.freezes.iter().map(|freeze| (freeze.at, EventKind::CreditFreeze));
        let growth = &scenario.growth;
        let uses = scenario.other_uses.iter().map(|usage| (usage.at, EventKind::OtherUse));
        let offers = growth.invest.offers().iter().filter(|offer| offer.from > Seconds::ZERO);
        let generations = offers.map(|offer| (offer.from, EventKind::NewGeneration));
        let all = shocks.chain(spikes).chain(changes).chain(bans).chain(freezes).chain(uses).chain(generations);
        let mut events: Vec<_> = all.map(|(at, kind)| (at.get(), kind)).collect();
        events.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self(events)
    }

    /// Records the events whose time has come.
    pub(super) fn record(&mut self, world: &mut World<'_>) {
        while let Some((time, kind)) = self.0.pop_if(|(time, _)| *time <= world.clock.now) {
            world.emit_at(Seconds::new(time), kind);
        }
    }
}
