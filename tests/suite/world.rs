//! Each scheduled event has exactly its defined effect, in a network of two firms.

use crate::network::{BTC_PER_DAY, DAY, Records, close, network, row, rows, run};
use shakeout::{
    chain::FeeSpike,
    declare::Regular,
    mechanism::{
        disruption::RegionalBan,
        growth::params::{ModelRef, Orders, OrdersParams, Pace},
    },
    power::{ChangeKind, Contract, PeakCharge, PriceChange, RegionParams, Season, Spot, SpotPrices, spot::Hours},
    random::{Draw, Purpose, name_hash},
    scenario::Scenario,
    units::{Days, MONTH_DAYS, PowerPrice, Seconds, UnixTime},
};

/// 60 EH/s at a cost of 10 USD/PH/day and 40 EH/s at 24, in separate regions; hashprice is 48, difficulty keeps pace, 30 days.
fn two_firms() -> Scenario {
    let mut scenario = network(vec![row("low", 60.0, 10.0), row("high", 40.0, 24.0)], 100.0, 48.0);
    for (row, region) in rows(&mut scenario).iter_mut().zip(["south", "north"]) {
        row.region = Some(region.to_owned());
    }
    scenario
}

fn spike(btc_per_block: f64, half_life_days: Option<f64>, days: Option<f64>) -> FeeSpike {
    FeeSpike {
        name: "rush".to_owned(),
        at: Seconds::new(10.0 * DAY),
        btc_per_block,
        half_life: half_life_days.map(|days| Seconds::new(days * DAY)),
        until: days.map(|days| Seconds::new((10.0 + days) * DAY)),
    }
}

/// 1.25 BTC a block for five days are 144 * 5 * 1.25 = 900 BTC more. If the spike halves every day, a step of a day pays the fees at its
/// middle: 180 BTC * 2^-0.5 (1 + 1/2 + ...+ 1/16) = 246.6. Hashprice rises from 48 to 48 * 4.375/3.125 = 67.2 on day 10.
#[test]
fn fee_spike() {
    let mut scenario = two_firms();
    let before = run(&scenario).metric("mined_btc");
    scenario.chain.fees.spikes = vec![spike(1.25, None, Some(5.0))];
    let lasting = run(&scenario);
    // The first day of the epoch after the one at a block per 600 s is 600 s longer.
    close("coins more", lasting.metric("mined_btc") - before, 900.0, 2e-3);
    close("hashprice", lasting.days[9].hashprice_usd_per_ph_day, 67.2, 1e-3);
    assert_eq!(lasting.when("fee_spike", ""), vec![10.0]);
    scenario.chain.fees.spikes = vec![spike(1.25, Some(1.0), Some(5.0))];
    let fading = 144.0 * 1.25 * libm::exp2(-0.5) * (2.0 - 1.0 / 16.0);
    close("fading", run(&scenario).metric("mined_btc") - before, fading, 2e-3);
    close("a month", before, 30.0 * BTC_PER_DAY, 1e-3);
}

/// The region of the firm with a cost of 24, without settings.
fn north() -> RegionParams {
    RegionParams {
        name: "north".to_owned(),
        share: 0.0,
        emission_kg_per_kwh: Some(0.288),
        emission_by_month: None,
        season: Season { amplitude: 0.0, cheapest_day: 227.0 },
        spot: None,
        peak_charge: None,
        contract: None,
    }
}

/// A day of hourly prices, USD/MWh, as of a file that is repeated: one hour at a negative price, three at a high one.
fn prices() -> Vec<f64> {
    let mut hours = vec![20.0; 24];
    for (hour, usd_per_mwh) in [(3, -10.0), (17, 60.0), (18, 105.0), (19, 1000.0), (20, 150.0), (21, 60.0)] {
        hours[hour] = usd_per_mwh;
    }
    hours
}

/// Hours from a file, the first row at the start of the run.
fn spot(values: Vec<f64>) -> Spot {
    let rows = Regular { from: two_firms().run.start, step: 3600, values };
    Spot::new(SpotPrices::File(Hours { utc_offset: 0.0, daylight_saving: false, repeats: true, rows }))
}

/// Share of the day's hours at or below a price, and what the hours above it cost, USD per kWh of all hours.
fn split(most: f64) -> (f64, f64) {
    let hours = prices();
    let above: f64 = hours.iter().filter(|&&price| price > most * 1e3).sum();
    (hours.iter().filter(|&&price| price <= most * 1e3).count() as f64 / 24.0, above / 24e3)
}

/// Two firms, the northern one under this contract.
fn under(contract: Contract) -> Scenario {
    let mut scenario = two_firms();
    scenario.power.regions = vec![RegionParams { contract: Some(contract), spot: Some(spot(prices())), ..north() }];
    scenario.run.days = Days::new(10.0);
    scenario
}

fn change(from: f64, factor: f64) -> PriceChange {
    PriceChange {
        name: "change".to_owned(),
        kind: ChangeKind::Shock,
        from: Seconds::new(from * DAY),
        ramp: Seconds::ZERO,
        until: None,
        factor,
        addition: PowerPrice::ZERO,
        levy: false,
        regions: vec!["north".to_owned()],
        classes: vec![],
    }
}

/// Daily means of running hashrate are `levels`: pairs of (days, EH/s).
#[track_caller]
fn runs_at(records: &Records, levels: &[(usize, f64)]) {
    let expected: Vec<f64> = levels.iter().flat_map(|&(days, eh)| vec![eh; days]).collect();
    for (day, (found, expected)) in records.hashrates().iter().zip(expected).enumerate() {
        close(&format!("EH/s on day {day}"), *found, expected, 1e-7);
    }
}

/// Power in the north is 2.1 times more expensive, from the middle of day 3 on for four days: 50.4 is above 48, so the firm is off from day 4 to
/// the step at or after day 7.5. In the south the change leads to 21, and has no effect.
#[test]
fn power_price_shock() {
    let mut scenario = two_firms();
    scenario.run.days = Days::new(13.0);
    scenario.power.changes = vec![PriceChange { until: Some(Seconds::new(7.5 * DAY)), ..change(3.5, 2.1) }];
    let records = run(&scenario);
    runs_at(&records, &[(4, 100.0), (4, 60.0), (5, 100.0)]);
    assert_eq!(records.when("power_price_shock", ""), vec![3.5]);
    scenario.power.changes[0].regions = vec!["south".to_owned()];
    runs_at(&run(&scenario), &[(13, 100.0)]);
}

/// Up to a factor of three from day 5 to day 25, renewed every seventh day: 24 (1 + 2 * 2/20) = 28.8 on day 7, 45.6 on day 14, 62.4 on day 21.
#[test]
fn power_price_drift() {
    let mut scenario = two_firms();
    scenario.power.changes = vec![PriceChange { ramp: Seconds::new(20.0 * DAY), ..change(5.0, 3.0) }];
    runs_at(&run(&scenario), &[(21, 100.0), (9, 60.0)]);
}

/// 480 kWh a day and PH/s: 4 c more per kWh give 43.2 USD in total, 6 c give 52.8. Two thirds of 6 c after 10 of 15 days of a ramp from day 0
/// are evaluated on day 7 (28 of 60, 37.4) and on day 14 (50.9): off on day 14. Twice the price without an addition is 48, and the firm runs.
#[test]
fn tariff() {
    let levy = |addition, factor, ramp_days: f64| {
        let mut scenario = two_firms();
        scenario.run.days = Days::new(14.0 + 7.0);
        let ramp = Seconds::new(ramp_days * DAY);
        let from = if ramp_days > 0.0 { 0.0 } else { 2.0 };
        scenario.power.changes = vec![PriceChange {
            addition: PowerPrice::new(addition),
            levy: true,
            kind: ChangeKind::Tariff,
            ramp,
            ..change(from, factor)
        }];
        run(&scenario)
    };
    runs_at(&levy(0.04, 1.0, 0.0), &[(21, 100.0)]);
    runs_at(&levy(0.06, 1.0, 0.0), &[(2, 100.0), (12, 60.0)]);
    runs_at(&levy(0.06, 1.0, 15.0), &[(14, 100.0), (7, 60.0)]);
    runs_at(&levy(0.0, 1.99, 0.0), &[(13, 100.0)]);
    runs_at(&levy(0.0, 2.01, 0.0), &[(2, 100.0), (12, 60.0)]);
}

/// Hydro power, a = 0.1, on 1 March (day 60): 45 (1 - 0.1 cos(2 pi (60 - 227)/365)) = 49.3, so the firm is idle at the start, at a hashprice of
/// 48 with 60 EH/s. The factor falls to 48/45 on day 93.4, 33.4 days later: the firm restarts at the renewal of day 35.
#[test]
fn season() {
    let mut scenario = network(vec![row("low", 60.0, 10.0), row("high", 40.0, 45.0)], 60.0, 48.0);
    for (row, region) in rows(&mut scenario).iter_mut().zip(["south", "north"]) {
        row.region = Some(region.to_owned());
    }
    scenario.run.days = Days::new(40.0);
    scenario.power.start = scenario.run.start;
    scenario.power.regions = vec![RegionParams { season: Season { amplitude: 0.1, cheapest_day: 227.0 }, ..north() }];
    runs_at(&run(&scenario), &[(35, 60.0), (5, 100.0)]);
}

/// Payments of the northern firm in ten days: initial less final cash, in units of a USD/PH/day on its 40 EH/s.
fn paid(records: &Records) -> f64 {
    (1e15 - records.firm("high").cash) / (4e4 * 10.0)
}

/// Power at 24 USD/PH/day, operation and repair at 1 c/kWh, 4.8: a host's rate includes all of it. Its customers do not see a shock of 2.1 unless it is
/// passed on; the fixed contract does. A captive plant is independent of the market, and half of its cost remains at a hashprice of 13.
#[test]
fn contracts() {
    let with = |contract| {
        let mut scenario = under(contract);
        scenario.power.running_cost = PowerPrice::new(0.01);
        scenario
    };
    let fixed = with(Contract::Fixed { take_or_pay: Some(0.3) });
    let hosting = |pass_through| with(Contract::Hosting { take_or_pay: 0.15, deposit_days: 0.0, pass_through });
    let captive = with(Contract::Captive { take_or_pay: 0.5 });
    let utility = with(Contract::Utility { demand_share: 0.5, minimum_demand: 0.6 });
    for (scenario, cost) in [(&fixed, 28.8), (&hosting(false), 24.0), (&captive, 28.8)] {
        close("cost", paid(&run(scenario)), cost, 1e-6);
    }
    let shocked = |mut scenario: Scenario| {
        scenario.power.changes = vec![change(4.0, 3.0)];
        run(&scenario)
    };
    // 72 * 0.7 + 4.8 = 55.2 exceeds 48; a third of 72 remains due. 72 exceeds 48.
    let records = shocked(fixed);
    runs_at(&records, &[(4, 100.0), (6, 60.0)]);
    close("due when off", paid(&records), (4.0 * 28.8 + 6.0 * 0.3 * 72.0) / 10.0, 1e-6);
    // A minimum demand of six tenths of a demand charge that is half of the bill is the same three tenths.
    close("minimum demand", paid(&shocked(utility)), (4.0 * 28.8 + 6.0 * 0.3 * 72.0) / 10.0, 1e-6);
    runs_at(&shocked(hosting(false)), &[(10, 100.0)]);
    runs_at(&shocked(hosting(true)), &[(4, 100.0), (6, 60.0)]);
    runs_at(&shocked(captive.clone()), &[(10, 100.0)]);
    // Captive: 12 + 4.8 = 16.8 is avoidable.
    for (hashprice, eh) in [(17.0, 100.0), (16.0, 60.0)] {
        let mut scenario = captive.clone();
        crate::network::shock(&mut scenario, 2.0, hashprice / 48.0);
        runs_at(&run(&scenario), &[(2, 100.0), (8, eh)]);
    }
}

/// A host charges 24 USD/PH/day, and takes the fee of machines that are off out of the deposit. Off for four of thirteen days, from day 4 on, 40 EH/s cost
/// 9 · 24 · 40,000 = 8,640,000 USD, and at the restart the four days, 3,840,000, or the deposit of 2.5 days if there is no more, 2,400,000.
#[test]
fn a_deposit_is_the_most_that_a_client_owes() {
    for (deposit_days, owed) in [(0.0, 0.0), (2.5, 2_400_000.0), (30.0, 3_840_000.0)] {
        let mut scenario = under(Contract::Hosting { take_or_pay: 0.0, deposit_days, pass_through: true });
        scenario.run.days = Days::new(13.0);
        scenario.power.changes = vec![PriceChange { until: Some(Seconds::new(7.5 * DAY)), ..change(3.5, 2.1) }];
        for row in rows(&mut scenario) {
            row.cash = shakeout::units::Usd::new(2e7);
        }
        let records = run(&scenario);
        runs_at(&records, &[(4, 100.0), (4, 60.0), (5, 100.0)]);
        let paid = 2e7 - records.firm("high").cash;
        assert!((paid - 8_640_000.0 - owed).abs() < 0.005, "a deposit of {deposit_days} days: {paid} USD");
    }
}

/// A power purchase at 4 c with resale, at 20 J/TH and 48 USD/PH/day: a kWh mines 10 c, so power is sold in the three hours above 10 c. For 40 EH/s,
/// 0.8 GW, these are 2.4 GWh a day, at 105, 1000 and 150 USD/MWh: 800 MWh * 1255 = 1,004,000 USD a day, to the cent. All 19.2 GWh a day are paid for at 4 c, whatever
/// the firm's own price: 768,000 USD.
#[test]
fn ppa_with_resale() {
    let scenario = under(Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::ZERO });
    let records = run(&scenario);
    runs_at(&records, &[(10, 60.0 + 40.0 * 21.0 / 24.0)]);
    let kwh = 4e4 * 480.0 * 10.0;
    close("left", records.metric("left_twh"), 24e6 / 1e9, 1e-6);
    let near = |what: &str, found: f64, usd: f64| assert!((found - usd).abs() < 0.005, "{what}: {found}, not {usd}");
    near("income", records.metric("demand_response_usd"), 10_040_000.0);
    near("paid", paid(&records) * 4e4 * 10.0, 7_680_000.0 - 10_040_000.0);
    // Energy at the meter is the energy used.
    let used = (6e4 * 480.0 * 10.0 + kwh * 21.0 / 24.0) / 1e9;
    close("energy", records.metric("energy_twh"), used, 1e-7);
}

/// 1 c for interruptible load makes a kWh worth 11 c, so that the hour at 10.5 c is mined; and a cent for each kWh that runs.
#[test]
fn ancillary_services() {
    let scenario = under(Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::new(0.01) });
    let records = run(&scenario);
    runs_at(&records, &[(10, 60.0 + 40.0 * 22.0 / 24.0)]);
    let income = 10.0 * 8e5 * (1.0 + 0.15 + 0.01 * 22.0);
    close("income", records.metric("demand_response_usd"), income, 1e-9);
}

/// Spot and 1 c: off above 9 c, and every hour is paid at its own price: 18 at 2 c, two at 6 c, one at -1 c, each with the fee of 1 c, so that the night's hour is
/// free. A site that does not respond pays every hour: 1,725 USD/MWh and 24 fees of 10.
#[test]
fn indexed() {
    let near = |what: &str, records: &Records, usd: f64| {
        let found = paid(records) * 4e4 * 10.0;
        assert!((found - usd).abs() < 0.005, "{what}: {found}, not {usd}");
    };
    let mut scenario = under(Contract::Indexed { adder: PowerPrice::new(0.01), responds: true });
    let records = run(&scenario);
    runs_at(&records, &[(10, 60.0 + 40.0 * 21.0 / 24.0)]);
    near("by the hour", &records, 10.0 * 800.0 * (18.0 * 30.0 + 2.0 * 70.0));
    assert_eq!(records.metric("demand_response_usd"), 0.0, "nothing is sold");
    // A night at -50 USD/MWh for six hours, and 20 by day: each MWh of the night brings 40 after the fee.
    let mut night = vec![20.0; 24];
    night[..6].fill(-50.0);
    scenario.power.regions[0].spot = Some(spot(night));
    near("negative night", &run(&scenario), 10.0 * 800.0 * (18.0 * 30.0 - 6.0 * 40.0));
    let records = run(&under(Contract::Indexed { adder: PowerPrice::new(0.01), responds: false }));
    runs_at(&records, &[(10, 100.0)]);
    near("without response", &records, 10.0 * 800.0 * (1725.0 + 240.0));
}

/// Ten days of uneven hours against a plain loop over hours: uptime of every day, energy, and what the firm pays, for a site that sells and one that does not
/// buy. The run begins 20 minutes after a row of the file, so every day has parts of two hours at its ends.
#[test]
fn a_days_curve_is_its_hours() {
    let hours: Vec<f64> = (0..264_u32).map(|hour| f64::from((hour * 7919) % 251) - 20.5).collect();
    let offset = 1200.0;
    for (contract, most) in [
        (Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::ZERO }, 100.0),
        (Contract::Indexed { adder: PowerPrice::new(0.01), responds: true }, 90.0),
    ] {
        let mut scenario = under(contract);
        let rows = Regular { from: UnixTime::new(scenario.run.start.get() - 1200), step: 3600, values: hours.clone() };
        let file = Hours { utc_offset: 0.0, daylight_saving: false, repeats: false, rows };
        scenario.power.regions[0].spot = Some(Spot::new(SpotPrices::File(file)));
        let records = run(&scenario);
        let (mut running, mut bill, mut sold) = ([0.0; 10], 0.0, 0.0);
        for minute in 0..14_400_u32 {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an hour of ten days")]
            let hour = ((f64::from(minute) * 60.0 + offset) / 3600.0) as usize;
            let price = hours[hour];
            let mwh = 800.0 / 60.0;
            let mines = price <= most;
            running[minute as usize / 1440] += if mines { 1.0 / 1440.0 } else { 0.0 };
            match contract {
                Contract::PpaResale { .. } => {
                    bill += 40.0 * mwh;
                    sold += if mines { 0.0 } else { price * mwh };
                }
                _ => bill += if mines { (price + 10.0) * mwh } else { 0.0 },
            }
        }
        let levels: Vec<(usize, f64)> = running.iter().map(|uptime| (1, 60.0 + 40.0 * uptime)).collect();
        runs_at(&records, &levels);
        close("income", records.metric("demand_response_usd"), sold, 1e-9);
        close("paid", paid(&records) * 4e4 * 10.0, bill - sold, 1e-6);
    }
}

/// Market prices twice as high: the PPA's strike stays, and its sites are off above half of the previous threshold on the old curve.
#[test]
fn a_shock_moves_the_curve() {
    let mut scenario = under(Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::ZERO });
    scenario.power.changes = vec![change(4.0, 2.0)];
    let (before, after) = (split(0.1).0, split(0.05).0);
    runs_at(&run(&scenario), &[(4, 60.0 + 40.0 * before), (6, 60.0 + 40.0 * after)]);
}

/// June, 20 J/TH, power at 5 c and 48 USD/PH/day: a kWh earns 5 c beyond its price. At 100 USD/kW-year, three hours unused save more on the ten likeliest days: the
/// firm is off in them, pays 21/24 of 24 USD/PH/day on those days, and misses no peak that falls on one of them. At 1 USD/kW-year it stays on, and its 0.8 GW are charged 0.25 USD
/// each: 200,000 USD, to the cent.
#[test]
fn a_peak_is_avoided_or_charged() {
    let june = |usd_per_kw_year: f64| {
        let mut scenario = under(Contract::Fixed { take_or_pay: Some(0.0) });
        scenario.run.start = UnixTime::parse("2025-06-01").expect("a date");
        scenario.chain.start = scenario.run.start;
        scenario.run.days = Days::new(30.0);
        let charge = PeakCharge { usd_per_kw_year, likeliest_day_share: 0.35 };
        scenario.power.regions[0].peak_charge = Some(charge);
        let draw = Draw::new(scenario.run.seed, 0, Purpose::PeakDay);
        let date = |day: i64| UnixTime::new(scenario.run.start.get() + day * 86_400);
        let warnings: Vec<_> = (0..30).filter_map(|day| charge.warning(draw, name_hash("north"), date(day))).collect();
        (run(&scenario), warnings)
    };
    let bill = |records: &Records| paid(records) * 4e4 * 10.0;
    let near = |what: &str, found: f64, usd: f64| assert!((found - usd).abs() < 0.51, "{what}: {found}, not {usd}");
    let (records, warnings) = june(100.0);
    let off = warnings.iter().filter(|day| day.saves.get() > 0.05).count();
    assert_eq!(off, 10);
    let peak = warnings.iter().find(|day| day.is_peak).expect("June has a peak");
    assert!(peak.saves.get() > 0.05, "the draw is of use");
    let levels: Vec<(usize, f64)> =
        warnings.iter().map(|day| (1, if day.saves.get() > 0.05 { 95.0 } else { 100.0 })).collect();
    runs_at(&records, &levels[..13]);
    assert_eq!((records.metric("peak_charge_usd"), records.metric("peak_charged_share")), (0.0, 0.0));
    near("avoided", bill(&records), 24.0 * 4e4 * (20.0 + 10.0 * 21.0 / 24.0));
    let (records, _) = june(1.0);
    assert_eq!(records.metric("peak_charged_share"), 1.0);
    assert!((records.metric("peak_charge_usd") - 200_000.0).abs() < 0.005);
    near("charged", bill(&records), 24.0 * 4e4 * 30.0 + 200_000.0);
}

/// With all machines off, all contracted power is still sold at the mean price.
#[test]
fn machines_that_are_off_leave_all_their_power() {
    let mut scenario = under(Contract::PpaResale { strike: PowerPrice::new(0.04), ancillary: PowerPrice::new(0.01) });
    scenario.curtailments = vec![shakeout::mechanism::disruption::Curtailment {
        name: "call".to_owned(),
        at: Seconds::ZERO,
        until: None,
        share: 1.0,
        regions: vec!["north".to_owned()],
        classes: vec![],
    }];
    let records = run(&scenario);
    close("income", records.metric("demand_response_usd"), 4e4 * 480.0 * 10.0 * split(-1.0).1, 1e-6);
}

/// March and April, 20 J/TH: 60 EH/s use 28.8 GWh a day at 0.288 kg/kWh, 40 EH/s 19.2 GWh at 0.6 until the end of March and 0.2 from then on. A day of March
/// has 8,294.4 t and 11,520 t, of April 8,294.4 t and 3,840 t.
#[test]
fn months_have_their_emissions() {
    let mut scenario = two_firms();
    scenario.run.days = Days::new(40.0);
    let mut by_month = vec![0.2; 12];
    by_month[2] = 0.6;
    scenario.power.regions = vec![RegionParams { emission_by_month: Some(by_month), ..north() }];
    let records = run(&scenario);
    for (day, kt) in [(0, 19.8144), (30, 19.8144), (31, 12.1344), (39, 12.1344)] {
        close(&format!("kt on day {day}"), records.days[day].co2_kt, kt, 1e-9);
        let kg_per_kwh = records.days[day].co2_kg_per_kwh.expect("machines run");
        close(&format!("kg/kWh on day {day}"), kg_per_kwh, kt / 48.0, 1e-9);
    }
    let co2: f64 = records.regions.iter().map(|region| region.2).sum();
    close("Mt by region", co2, (31.0 * 19.8144 + 9.0 * 12.1344) / 1e3, 1e-9);
}

fn ban(covert_share: f64, leave_share: f64) -> Scenario {
    let mut scenario = two_firms();
    scenario.bans = vec![RegionalBan {
        name: "ban".to_owned(),
        at: Seconds::new(4.0 * DAY),
        until: Seconds::new(4.0 * DAY),
        regions: vec!["north".to_owned()],
        share: 1.0,
        covert_share,
        leave_share,
        half_life_days: (1.5, 1.5),
        queues: false,
        to: vec![],
        price_factor: 1.5,
        is_ban: true,
    }];
    scenario
}

/// The northern firm closes on day 4 and returns after -ln(u) 1.5 d/ln 2, at the next step, with u its own draw. It moves to the
/// south, where it pays 1.5 times its price, or returns covertly to the north, or leaves.
#[test]
fn regional_ban() {
    let draw = Draw::new(7, 0, Purpose::Relocation);
    let journey = draw.exponential(name_hash("high/0"), name_hash("ban")) * 1.5 / std::f64::consts::LN_2;
    let back = (4.0 + journey).ceil();
    assert!((5.0..14.0).contains(&back), "the draw is of use: {back}");
    for (covert, place) in [(0.0, "south"), (1.0, "north")] {
        let records = run(&ban(covert, 0.0));
        assert_eq!((records.when("regional_ban", ""), records.when("closure", "high")), (vec![4.0], vec![4.0]));
        assert_eq!((records.when("shutdown", "high"), records.when("restart", "high")), (vec![4.0], vec![back]));
        assert_eq!(records.when("relocation", "high"), vec![back]);
        let there: f64 = records.regions.iter().filter(|region| region.0 == place).map(|region| region.4).sum();
        close("EH/s there", there, if covert > 0.0 { 40.0 } else { 100.0 }, 1e-9);
    }
    let gone = run(&ban(0.0, 1.0));
    assert!(gone.when("restart", "high").is_empty());
    let last = gone.days.last().expect("days");
    assert_eq!((last.hashrate_eh_per_s, last.idle_hashrate_eh_per_s), (60.0, 0.0), "its machines are gone");
    // Its own price is 5 c; four times that is 96 USD/PH/day, more than the 80 to which the adjustment raises hashprice for the other 60 EH/s.
    let mut dearer = ban(0.0, 0.0);
    dearer.bans[0].price_factor = 4.0;
    assert!(run(&dearer).when("restart", "high").is_empty(), "96 is more than 80");
}

/// Machines that move wait for the places of deliveries: 60 EH/s are on order, two a day. The 40 EH/s of the northern firm close on day 4; twenty days of deliveries give them
/// their places, so they are back on day 24, and no machine is added in between. The deliveries that gave their places away wait for those of later ones.
#[test]
fn moved_machines_take_the_places_of_deliveries() {
    let mut scenario = ban(0.0, 0.0);
    scenario.run.days = Days::new(40.0);
    scenario.bans[0].queues = true;
    scenario.bans[0].price_factor = 1.0;
    let pace = Pace::Schedule(vec![2.0 * MONTH_DAYS, 2.0 * MONTH_DAYS]);
    scenario.growth.orders =
        Some(Orders::Outstanding(OrdersParams { model: ModelRef::Fleet(0), pace, classes: vec![], instalments: None }));
    let records = run(&scenario);
    let installed = |day: usize| {
        let day = &records.days[day];
        day.hashrate_eh_per_s + day.idle_hashrate_eh_per_s
    };
    let back = records.when("relocation", "high");
    // The two lots of the firm: what it had at the start, and the few EH/s delivered to it before the ban.
    assert_eq!(back.len(), 2);
    close("back", back[0], 24.0, 0.05);
    close("the rest", back[1], 26.0, 0.05);
    // Until the ban two a day arrive; then nothing until all have their places; then two a day again.
    close("before", installed(3), 100.0 + 2.0 * 4.0, 0.02);
    for day in 5..25 {
        close("while they wait", installed(day), installed(5), 1e-9);
    }
    close("after", installed(39) - installed(28), 2.0 * 11.0, 0.1);
    // Without the queue they are back by their own draw, and deliveries go on.
    scenario.bans[0].queues = false;
    let records = run(&scenario);
    let at = |day: usize| records.days[day].hashrate_eh_per_s + records.days[day].idle_hashrate_eh_per_s;
    assert!(at(22) > at(5) + 30.0, "{} {}", at(22), at(5));
}

/// A ban of half of a hundred firms, over ten days: sites close one by one, half of them by the middle; a fifth of them become covert.
#[test]
fn a_ban_takes_its_time() {
    let firms = (0..200).map(|i| {
        let region = if i % 2 == 0 { "north" } else { "south" };
        shakeout::world::MinerRow { region: Some(region.to_owned()), ..row(&format!("firm {i}"), 0.5, 20.0) }
    });
    let mut scenario = network(firms.collect(), 100.0, 48.0);
    scenario.run.days = Days::new(100.0);
    scenario.bans = ban(0.2, 0.3).bans;
    scenario.bans[0].until = Seconds::new(14.0 * DAY);
    let records = run(&scenario);
    let closures: usize = (0..200).map(|i| records.when("closure", &format!("firm {i}")).len()).sum();
    let early: usize = (0..200)
        .filter(|i| records.when("closure", &format!("firm {i}")).first().is_some_and(|&day| day <= 9.0))
        .count();
    assert_eq!(closures, 100);
    assert!((35..=65).contains(&early), "{early} of 100 by the middle");
    let at_end = |name: &str| records.regions.iter().find(|region| region.0 == name).map_or(0.0, |region| region.4);
    // 20 covert, 30 gone permanently, 50 in the south: 50 % of 100 EH/s there, and half that number again; a few are still moving.
    close("covert", at_end("north"), 10.0, 0.1);
    close("moved", at_end("south"), 75.0, 0.05);
}

/// 0.8 GW in the north and 1.2 GW in the south over 30 days: 0.576 and 0.864 TWh, at 0.5 and 0.288 kg/kWh.
#[test]
fn energy_and_co2_by_region() {
    let mut scenario = two_firms();
    scenario.power.regions = vec![RegionParams { emission_kg_per_kwh: Some(0.5), ..north() }];
    let records = run(&scenario);
    let of = |name: &str| records.regions.iter().find(|region| region.0 == name).cloned().expect("a region");
    for (name, twh, factor, eh) in [("north", 0.576, 0.5, 40.0), ("south", 0.864, 0.288, 60.0)] {
        let (_, energy, co2, start, end) = of(name);
        close("TWh", energy, twh, 1e-9);
        close("Mt", co2, twh * factor, 1e-9);
        assert_eq!((start, end), (eh, eh));
    }
    let mt = 0.576 * 0.5 + 0.864 * 0.288;
    close("CO2", records.metric("co2_mt"), mt, 1e-9);
    for day in &records.days {
        close("CO2 of a day", day.co2_kt, 1000.0 * mt / 30.0, 1e-9);
    }
}
