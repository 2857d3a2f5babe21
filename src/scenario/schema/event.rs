use crate::{
    chain::FeeSpike,
    declare::{Key, Kinds, ReadKeys, Scheduled, kinds},
    market::PriceShock,
    mechanism::{
        disruption::{Curtailment, Migration, RegionalBan},
        growth::params::NewGeneration,
        other_use::params::OtherUse,
    },
    power::{PowerDrift, PowerShock, PriceChange, Tariff},
    scenario::section::Section,
    world::freeze::CreditFreeze,
};

kinds! {
    /// An event of a scenario.
    #[derive(Clone, Debug)]
    pub enum Event(event: Scheduled) {
        /// The price is multiplied by a factor, permanently or temporarily.
        price_shock => PriceShock(PriceShock, event.clone()),
        /// Machines are forced off at once regardless of their decision rule, permanently or temporarily, as in a ban, a storm or a curtailment by the grid.
        curtailment => Curtailment(Curtailment, event.clone()),
        /// The price of power rises or falls gradually from one date to another, permanently.
        power_price_drift => PowerDrift(PowerDrift, event.clone()),
        /// The price of power rises or falls at once, permanently or temporarily.
        power_price_shock => PowerShock(PowerShock, event.clone()),
        /// A tax or a tariff on delivered power, from a given date.
        tariff => Tariff(Tariff, event.clone()),
        /// Mining is banned in some regions: sites close, and most of their machines restart later, covertly at the same site or in another region.
        regional_ban => RegionalBan(RegionalBan, event.clone()),
        /// Sites move from some regions to others, as between wet and dry season: their machines are off until they restart at the new site.
        migration => Migration(Migration, event.clone()),
        /// Lenders make no new loans for a while; existing loans continue.
        credit_freeze => CreditFreeze(CreditFreeze, event.clone()),
        /// Fees of a block jump by a given amount, decay, and end, as in a rush for block space.
        fee_spike => FeeSpike(FeeSpike, event.clone()),
        /// A new machine goes on sale, in scenarios in which machines are bought (`[invest]`).
        new_generation => NewGeneration(NewGeneration, event.clone()),
        /// Tenants want sites for a use other than mining, and owners convert their sites if this pays better.
        other_use => OtherUse(OtherUse, event.clone()),
    }
}

/// All events by kind; those that the engine goes through in order of time are in this order.
#[derive(Default)]
pub struct Events {
    /// Events that change the price.
    pub shocks: Vec<PriceShock>,
    /// Events that change fees.
    pub fee_spikes: Vec<FeeSpike>,
    /// Events that force machines off.
    pub curtailments: Vec<Curtailment>,
    /// Events that change power prices.
    pub price_changes: Vec<PriceChange>,
    /// Bans on mining in some regions, and migrations.
    pub bans: Vec<RegionalBan>,
    /// Events that put machines on sale.
    pub generations: Vec<NewGeneration>,
    /// Events that offer sites another use.
    pub other_uses: Vec<OtherUse>,
    /// Events that stop new lending.
    pub freezes: Vec<CreditFreeze>,
}

/// Reads every `[event.NAME]`; those that are switched off are checked and left out.
pub fn events(s: &mut Section<'_>) -> Events {
    let doc =
        "A scheduled event, by name: `enabled`, and one table named by its kind, as in [event.covid.price_shock].";
    let mut events = Events::default();
    for event in s.each("event", doc, &event).into_iter().flatten() {
        match event {
            Event::PriceShock(shock) => events.shocks.push(shock),
            Event::FeeSpike(spike) => events.fee_spikes.push(spike),
            Event::Curtailment(curtailment) => events.curtailments.push(curtailment),
            Event::PowerDrift(drift) => events.price_changes.push(drift.into()),
            Event::PowerShock(shock) => events.price_changes.push(shock.into()),
            Event::Tariff(tariff) => events.price_changes.push(tariff.into()),
            Event::RegionalBan(ban) => events.bans.push(ban),
            Event::Migration(migration) => events.bans.push(migration.into()),
            Event::NewGeneration(generation) => events.generations.push(generation),
            Event::OtherUse(usage) => events.other_uses.push(usage),
            Event::CreditFreeze(freeze) => events.freezes.push(freeze),
        }
    }
    events.shocks.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.fee_spikes.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.curtailments.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.bans.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events.other_uses.sort_by(|a, b| a.at.get().total_cmp(&b.at.get()));
    events
}

fn event(s: &mut Section<'_>) -> Option<Event> {
    let enabled = s.boolean_or(Key::new("enabled", "Whether the event takes place.").source("design"), true);
    let event = Scheduled { name: s.last_name().to_owned(), enabled };
    let named = s.reading.named.borrow().len();
    let event = Event::read_kind_with(s, None, event, |_, event| event);
    if !enabled {
        // An event that does not take place may name what there is not.
        s.reading.named.borrow_mut().truncate(named);
    }
    event.filter(|_| enabled)
}
