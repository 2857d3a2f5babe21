//! What a history tells as it goes: events, rows. Nothing here changes it.

use super::{
    measure::{NextEpoch, Rates},
    record::{DayRecord, EpochRecord, EventRecord, FleetRecord, LadderRecord, Observer, RegionRecord, RigRecord},
    step::Simulation,
};
use crate::{
    chain::ChainEvent,
    miner::{
        act::Deal,
        concentration::Concentration,
        ladder::{Ladder, restartable},
        population::{BIN_COUNT, EFFICIENCY_BINS},
    },
    units::{Hashprice, Hashrate, Power, Sats, Seconds, Usd, UsdPerBtc},
};

impl Simulation<'_> {
    /// Events of the scenario since the last step are told, so that charts can mark them.
    pub(super) fn tell_tidings(&mut self, observer: &mut impl Observer) {
        while let Some((time, kind)) = self.tidings.pop_if(|(time, _)| *time <= self.now) {
            observer.on_event(&EventRecord {
                time: Seconds::new(time),
                kind,
                firm: "",
                hashrate: self.running(),
                amount_usd: 0.0,
                amount_btc: 0.0,
            });
        }
    }

    /// Splits the step's sums where the chain changes pace or pay, and tells of it.
    pub(super) fn record_chain_event(
        &mut self,
        event: &ChainEvent,
        mark: &mut f64,
        rates: &mut Rates,
        observer: &mut impl Observer,
    ) {
        let (ChainEvent::EpochStart { time, .. }
        | ChainEvent::Retarget { time, .. }
        | ChainEvent::Halving { time, .. }) = *event;
        self.measure.pass(time.get() - *mark, rates);
        *mark = time.get();
        let mut tell = |kind| {
            observer.on_event(&EventRecord {
                time,
                kind,
                firm: "",
                hashrate: self.running(),
                amount_usd: 0.0,
                amount_btc: 0.0,
            });
        };
        match *event {
            ChainEvent::Retarget { difficulty_before, difficulty_after, .. } => {
                rates.hashprice *= difficulty_before / difficulty_after;
                tell("retarget");
            }
            ChainEvent::Halving { subsidy_after, .. } => {
                let fees = self.chain.fees().btc();
                rates.hashprice *= (subsidy_after.btc() + fees) / (2.0 * subsidy_after.btc() + fees);
                tell("halving");
            }
            ChainEvent::EpochStart { height, time, difficulty, work_before } => {
                self.growth.note_epoch(time.get(), difficulty);
                self.record_epoch(time.get(), Some(NextEpoch { height, difficulty, work_before }), observer);
            }
        }
    }

    /// States of the network as it starts.
    pub(super) fn record_start(&mut self, observer: &mut impl Observer) {
        if observer.wants_states() {
            self.record_fleet(None, 0.0, observer);
            self.record_survival(None, 0.0, observer);
        }
    }

    pub(super) fn record_epoch(&mut self, now: f64, next: Option<NextEpoch>, observer: &mut impl Observer) {
        let mut record = self.measure.close_epoch(now, next, self.ledger.sold, self.ledger.issued);
        record.defaults = self.distress.tally.defaults - self.measure.epoch_defaults;
        self.measure.epoch_defaults = self.distress.tally.defaults;
        record.active_share = ratio(self.fleet.running_mh, self.fleet.installed_mh);
        // Without tables of states only the shortest median is of interest: there is nothing to sort where it cannot be shorter.
        if observer.wants_states() {
            [record.runway_p10_days, record.runway_p50_days, record.runway_p90_days] = self.runway(now);
            self.measure.see_runway(record.runway_p50_days);
        } else if self.runway_may_be_shortest(now) {
            self.measure.see_runway(self.runway(now)[1]);
        }
        let running = self.running();
        let restartable = restartable(&self.population, &self.fleet);
        record.idle_overhang = (running > Hashrate::ZERO).then(|| restartable.eh() / running.eh());
        self.measure.highest_overhang =
            self.measure.highest_overhang.into_iter().chain(record.idle_overhang).reduce(f64::max);
        if !observer.wants_states() {
            observer.on_epoch(&record);
            return;
        }
        let Concentration { hhi, gini, nakamoto, top1, top5, top10 } = self.concentration();
        record = EpochRecord { hhi, gini, nakamoto, top1_share: top1, top5_share: top5, top10_share: top10, ..record };
        observer.on_epoch(&record);
        self.record_fleet(Some(record.epoch), now, observer);
        let Ladder { restartable, rungs } = Ladder::of(&self.population, &self.fleet, &mut self.idle);
        let [p10, p20, p30, p40, p50, p60, p70, p80, p90] = rungs;
        let price = self.quote();
        let hashprice = Hashprice::earned(self.chain.difficulty(), self.chain.reward(), price);
        observer.on_ladder(&LadderRecord {
            epoch: record.epoch,
            time: Seconds::new(now),
            price_usd: price.get(),
            hashprice_usd_per_ph_day: hashprice.get(),
            restartable,
            restart_10pct: p10,
            restart_20pct: p20,
            restart_30pct: p30,
            restart_40pct: p40,
            restart_50pct: p50,
            restart_60pct: p60,
            restart_70pct: p70,
            restart_80pct: p80,
            restart_90pct: p90,
        });
        self.record_survival(Some(record.epoch), now, observer);
        self.record_classes(record.epoch, now, observer);
    }

    /// Hashrate on and off by efficiency, of the machines there are.
    pub(super) fn record_fleet(&self, epoch: Option<u64>, now: f64, observer: &mut impl Observer) {
        for bin in 0..BIN_COUNT {
            let (running, installed) = (self.fleet.running_by_bin[bin], self.fleet.installed_by_bin[bin]);
            if installed == 0 {
                continue;
            }
            observer.on_fleet(&FleetRecord {
                epoch,
                time: Seconds::new(now),
                from_j_per_th: EFFICIENCY_BINS[bin],
                to_j_per_th: Some(EFFICIENCY_BINS[bin + 1]).filter(|edge| edge.is_finite()),
                running: Hashrate::from_mh(running),
                idle: Hashrate::from_mh(installed - running),
            });
        }
        self.record_supply(epoch, now, observer);
    }

    /// What changed hands in the market of machines, or arrived.
    pub(super) fn tell_deals(&mut self, observer: &mut impl Observer) {
        let Some(resale) = &mut self.resale else { return };
        for Deal { kind, firm, hashrate, usd } in resale.told.drain(..) {
            observer.on_event(&EventRecord {
                time: Seconds::new(self.now),
                kind,
                firm: &self.population.firms.name[firm],
                hashrate,
                amount_usd: usd,
                amount_btc: 0.0,
            });
        }
    }

    /// Prices of machines.
    pub(super) fn record_rigs(&self, observer: &mut impl Observer) {
        let Some(resale) = &self.resale else { return };
        for (market, model) in resale.models().iter().zip(&self.population.models) {
            observer.on_rigs(&RigRecord {
                time: Seconds::new(self.now),
                model: &model.name,
                efficiency_j_per_th: model.efficiency.get(),
                price_usd_per_th: market.price_usd_per_th,
                value_usd_per_th: market.value_usd_per_th,
                traded: Hashrate::from_mh(model.unit.mh() * market.traded),
                listed: Hashrate::from_mh(model.unit.mh() * market.whereabouts.listed),
            });
        }
    }

    pub(super) fn record_day(&mut self, price: UsdPerBtc, observer: &mut impl Observer) {
        let (ledger, fleet) = (&self.ledger, &self.fleet);
        let flow = ledger.sold.since(self.measure.day_sold);
        let hashprice = Hashprice::earned(self.chain.difficulty(), self.chain.reward(), price).get();
        let efficiency = self.machine_efficiency(fleet.power_mw, fleet.running_mh);
        let co2_mt = self.co2_mt(self.measure.energy_twh());
        let mut record = DayRecord {
            time: Seconds::new(self.now),
            delivered_eh_per_s: self.growth.delivered_today(),
            on_order_eh_per_s: self.growth.on_order(),
            ordered_eh_per_s: self.growth.ordered_today(),
            scrapped_eh_per_s: self.growth.scrapped_today(),
            failed_eh_per_s: self.growth.failed_today(),
            broken_eh_per_s: self.growth.broken(),
            converted_mw: self.growth.converted_mw(),
            efficiency_j_per_th: efficiency,
            revenue_usd_per_kwh: efficiency.map(|e| hashprice / (24.0 * e)),
            price_usd: price.get(),
            base_price_usd: price.get() / self.impact_factor,
            price_impact: libm::expm1(self.impact.log_price()),
            idle_hashrate_eh_per_s: Hashrate::from_mh(fleet.installed_mh - fleet.running_mh).eh(),
            difficulty: self.chain.difficulty(),
            hashprice_usd_per_ph_day: hashprice,
            co2_kt: 1000.0 * (co2_mt - self.measure.day_co2_mt),
            underwater_share: ratio(fleet.underwater_mh, fleet.running_mh),
            issued: Sats::new(ledger.issued - self.measure.day_issued),
            sold_voluntary: Sats::new(flow.voluntary),
            sold_forced: Sats::new(flow.forced),
            sold_liquidation: Sats::new(flow.liquidation),
            cash: Usd::new(ledger.cash_held()),
            debt: Usd::new(ledger.total_debt.usd()),
            coins_held: Sats::new(ledger.coins_held()),
            coins_pledged: Sats::new(ledger.total_pledged),
            lender_loss: Usd::new(self.distress.lenders.lost - self.measure.day_lost),
            firms_in_arrears: ledger.in_arrears,
            ..DayRecord::default()
        };
        self.measure.day_co2_mt = co2_mt;
        self.measure.day_lost = self.distress.lenders.lost;
        self.measure.close_day(&mut record, ledger.sold, ledger.issued, self.expected_blocks);
        self.growth.close_day();
        observer.on_day(&record);
    }

    /// Energy per hash, at the machine, of what draws so much at the meter, J/TH; `None` where nothing runs.
    pub(super) fn machine_efficiency(&self, power_mw: u64, running_mh: u64) -> Option<f64> {
        let at_meter = Power::from_mw(power_mw).w() / Hashrate::from_mh(running_mh).th();
        (running_mh > 0).then(|| at_meter / self.scenario.power.pue)
    }

    /// CO2 of the run's energy, Mt: kg/kWh is Mt/TWh, by region where regions differ.
    pub(super) fn co2_mt(&self, energy_twh: f64) -> f64 {
        let power = &self.scenario.power;
        let regions = 0..self.population.regions.len();
        if regions.clone().all(|region| power.emission(region).to_bits() == power.emission_kg_per_kwh.to_bits()) {
            return energy_twh * power.emission_kg_per_kwh;
        }
        regions.map(|region| self.measure.region_energy_twh(region) * power.emission(region)).sum()
    }

    /// Energy, CO2 and hashrate by region.
    pub(super) fn record_regions(&self, observer: &mut impl Observer) {
        let hash =
            |running: &[(u64, u64)], region: usize| Hashrate::from_mh(running.get(region).map_or(0, |load| load.0));
        for (region, name) in self.population.regions.iter().enumerate() {
            let energy_twh = self.measure.region_energy_twh(region);
            observer.on_region(&RegionRecord {
                region: name,
                energy_twh,
                co2_mt: energy_twh * self.scenario.power.emission(region),
                start: hash(&self.opening.running_by_region, region),
                end: hash(&self.fleet.running_by_region, region),
            });
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "MH/s are known to 53 bits")]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
