//! The aggregate law of hash supply against a reference in plain Python, and against closed forms.
//!
//! `tests/suite/supply/` has the reference's inputs and results: 200 days with stops and restarts, the band of hysteresis, slow
//! restarts, leaving, the size of the network, a ban with its queue, a season, an outage, better machines and two corrections of the state.
//! In case A hashprice is given; in case B it follows from the law's own chain through a halving and 14 difficulty adjustments.

use shakeout::{
    chain::CompactTarget,
    hardware::{OrderLaw, catalogue},
    mechanism::growth::params::Orders,
    nowcast,
    scenario::{load_bundled, shipped_history},
    study::{
        NowcastOptions, Work,
        rolling::{BASELINES, BLACKOUT_HEIGHT, Evidence, Rolling},
    },
    supply::{
        chain::EpochChain,
        filter::BlockFilter,
        law::{Classes, Conditions, LawParams, Network, Step},
        on_sale::OnSale,
        state::{Correction, Prices, Setting},
    },
    units::{Days, Efficiency, Hashprice, PowerPrice, UsdPerBtc},
    world::PopulationParams,
};
use std::{collections::BTreeMap, fs, path::Path};

type Row = BTreeMap<String, f64>;

/// A table of numbers; an empty cell is absent.
fn table(name: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/supply").join(name);
    let mut reader = csv::Reader::from_path(path).expect("the table is there");
    let headers = reader.headers().expect("a header").clone();
    let row = |row: Result<csv::StringRecord, csv::Error>| {
        let row = row.expect("a row");
        let cells = headers.iter().zip(row.iter()).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name.to_owned(), cell.parse().expect("a number"))).collect()
    };
    reader.records().map(row).collect()
}

/// The law, its lots and its initial state, from the reference's files.
struct Case {
    params: LawParams,
    classes: Classes,
    network: Network,
}

impl Case {
    /// The start at which a PH/s earns `hashprice` and the best machine on sale has the efficiency `on_sale`.
    fn new(hashprice: Hashprice, on_sale: Efficiency) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/supply/params.json");
        let text = fs::read_to_string(path).expect("the parameters are there");
        let given: BTreeMap<String, f64> = serde_json::from_str(&text).expect("numbers by name");
        let days = |name: &str| Days::new(given[name]);
        let params = LawParams {
            expectation: days("expect_days"),
            spread: given["spread"],
            half_band: given["h"],
            restart_margin: given["u"],
            restart: days("restart_days"),
            response: days("response_days"),
            leaving_half_life: days("leave_half_life"),
            ordering: days("order_days"),
            orders: OrderLaw {
                growth_max_per_year: given["gmax"],
                midpoint_cents: given["m0"],
                width: given["w"],
                size_exponent: given["rho"],
            },
            lag: days("lag_days"),
            queue_half_life: None,
        };
        let quantiles: Vec<f64> = table("quantiles.csv").iter().map(|row| row["z"]).collect();
        let fleet = table("fleet.csv");
        let efficiency: Vec<Efficiency> = fleet.iter().map(|row| Efficiency::new(row["j_per_th"])).collect();
        let classes = Classes::new(&efficiency, &quantiles, params.spread);
        let each = |row: &Row| vec![row["installed_eh"] / quantiles.len() as f64; quantiles.len()];
        let installed = fleet.iter().flat_map(each).collect();
        let ordered = [given["pipe1_0"], given["pipe2_0"]];
        Self { params, classes, network: Network::new(installed, given["running0"], ordered, hashprice, on_sale) }
    }

    /// A day of the inputs at a hashprice; returns the result of the step and the hashrate after outages.
    fn day(&mut self, row: &Row, hashprice: Hashprice) -> (Step, f64) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let delivered = row["class_delivered"] as usize;
        let step = self.network.step(
            &self.params,
            &self.classes,
            &Conditions {
                length: Days::new(1.0),
                hashprice,
                power_price: PowerPrice::new(row["c_cents"] / 100.0),
                on_sale: Efficiency::new(row["e_frontier"]),
                delivered,
                closing_per_day: row["ban"],
                on_the_road: row["season"],
                orders_factor: 1.0,
            },
        );
        (step, step.responded_eh * (1.0 - row["outage"]) * (1.0 - row["summer"]))
    }

    /// The correction of a day's inputs, if there is one.
    fn correct(&mut self, row: &Row) {
        if row["ln_correction"] != 0.0 {
            self.network.scale(libm::exp(row["ln_correction"]));
        }
    }
}

/// Compares every column with the reference, to a relative difference, and writes the results for a comparison by another program.
#[track_caller]
fn agrees(name: &str, found: &[Vec<(&str, f64)>], tolerance: impl Fn(&str) -> f64) {
    let reference = table(&format!("reference_{name}.csv"));
    assert_eq!(found.len(), reference.len());
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("supply_{name}.csv"));
    let mut writer = csv::Writer::from_path(path).expect("a folder of tests");
    writer.write_record(found[0].iter().map(|(name, _)| *name)).expect("written");
    for (row, expected) in found.iter().zip(&reference) {
        let cell = |(_, value): &(&str, f64)| if value.is_nan() { String::new() } else { format!("{value:?}") };
        writer.write_record(row.iter().map(cell)).expect("written");
        assert_eq!(row.iter().filter(|(_, value)| !value.is_nan()).count(), expected.len(), "columns of {name}");
        for (column, value) in row.iter().filter(|(_, value)| !value.is_nan()) {
            let wanted = expected[*column];
            // Blocks since an adjustment are compared with those of an epoch, since just after an adjustment they are few.
            let scale = if *column == "blocks_in_epoch" { 2016.0 } else { wanted.abs().max(1e-9) };
            let off = (value - wanted).abs() / scale;
            assert!(off <= tolerance(column), "{name} day {}: {column} is {value}, not {wanted}", expected["day"]);
        }
    }
    writer.flush().expect("written");
}

#[test]
fn with_hashprice_given_every_column_is_the_references() {
    let inputs = table("inputs_A.csv");
    let hashprice = |row: &Row| Hashprice::new(row["hashprice"]);
    let mut case = Case::new(hashprice(&inputs[0]), Efficiency::new(inputs[0]["e_frontier"]));
    let mut found = Vec::new();
    for row in &inputs {
        let (step, hashrate) = case.day(row, hashprice(row));
        case.correct(row);
        let network = &case.network;
        found.push(vec![
            ("day", row["day"]),
            ("hashrate", hashrate),
            ("responded", step.responded_eh),
            ("running_end", network.running),
            ("installed", network.installed_eh()),
            ("installed_on", network.allowed_eh()),
            ("gw", step.installed_gw),
            ("orders_per_year", step.orders_eh_per_year),
            ("deliveries", step.delivered_eh),
            ("added", step.added_eh),
            ("queue_share", network.queue),
            ("pipe1", network.ordered[0]),
            ("pipe2", network.ordered[1]),
            ("ln_x_expected", network.ln_expected),
            ("ln_m", network.ln_earned_cents),
        ]);
    }
    agrees("A", &found, |_| 1e-6);
}

/// The reference splits a day only at its difficulty adjustment and uses difficulty as a real number over 2016 gaps; the program has compact targets over
/// 2015 gaps. A program that splits the day differs by up to 1.1e-2 in a day's hashrate, 7e-3 in difficulty and 3.3e-4 in installed hashrate.
#[test]
fn with_its_own_chain_the_law_stays_near_the_reference() {
    let inputs = table("inputs_B.csv");
    let start = CompactTarget::nearest(20_955e9).expect("a difficulty");
    let mut chain = EpochChain::new(830_592, start).expect("a target");
    let mut case: Option<Case> = None;
    let mut found = Vec::new();
    for row in &inputs {
        let reward = shakeout::units::Sats::from_btc(row["fee_btc"]);
        let reward = shakeout::units::Sats::new(chain.subsidy().get() + reward.get());
        let hashprice = Hashprice::earned(chain.difficulty(), reward, UsdPerBtc::new(row["price_usd"]));
        let case = case.get_or_insert_with(|| Case::new(hashprice, Efficiency::new(row["e_frontier"])));
        let (step, hashrate) = case.day(row, hashprice);
        let mut estimate = f64::NAN;
        chain.advance(hashrate, Days::new(1.0), |epoch| estimate = epoch.hashrate_eh);
        case.correct(row);
        let network = &case.network;
        found.push(vec![
            ("day", row["day"]),
            ("hashprice", hashprice.get()),
            ("hashrate", hashrate),
            ("running_end", network.running),
            ("installed", network.installed_eh()),
            ("installed_on", network.allowed_eh()),
            ("gw", step.installed_gw),
            ("orders_per_year", step.orders_eh_per_year),
            ("deliveries", step.delivered_eh),
            ("added", step.added_eh),
            ("queue_share", network.queue),
            ("difficulty_end", chain.difficulty()),
            ("blocks_in_epoch", chain.blocks()),
            ("height", chain.height()),
            ("epoch_estimate", estimate),
        ]);
    }
    agrees("B", &found, |column| match column {
        "installed" | "gw" | "height" => 3.3e-4,
        "difficulty_end" => 7e-3,
        _ => 1.1e-2,
    });
}

#[test]
fn the_filter_is_the_references() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/supply/params.json");
    let text = fs::read_to_string(path).expect("the parameters are there");
    let given: BTreeMap<String, f64> = serde_json::from_str(&text).expect("numbers by name");
    let mut filter = BlockFilter::new(given["filter_sd_epoch"]);
    let mut ln = 0.0;
    for (row, expected) in table("filter_inputs.csv").iter().zip(table("filter_reference.csv")) {
        let mean = row["expected"] * libm::exp(ln);
        let (mut gain, mut innovation) = (0.0, 0.0);
        if row["skip"] == 0.0 {
            let correction = filter.observe(Days::new(row["dt"]), mean, row["blocks"]);
            (gain, innovation) = (correction.gain, correction.innovation);
            ln += correction.ln();
        } else {
            filter.pass(Days::new(row["dt"]));
        }
        for (column, value) in
            [("mu", mean), ("z", innovation), ("gain", gain), ("variance", filter.variance()), ("ln_scale", ln)]
        {
            assert!((value - expected[column]).abs() <= 1e-9 * expected[column].abs().max(1e-3), "{column} {row:?}");
        }
    }
}

/// The RMSE values in the book's chapter on rolling forecasts are those of this build: the law in both versions and every baseline, price known. The
/// other tables of the chapter take minutes and are made by `shakeout score --rolling`.
#[test]
fn the_chapter_on_rolling_forecasts_has_the_errors_of_this_build() {
    let (history, on_sale) = (shipped_history(), OnSale::of(&catalogue()).expect("machines on sale"));
    let rolling = Rolling { history: &history, on_sale: &on_sale };
    let mut alone = Setting { correction: Correction::Epochs { gain: 0.88 }, ..Setting::default() };
    alone.events.outages.clear();
    alone.unlearnt = vec![BLACKOUT_HEIGHT];
    let mut forecasts = vec![
        ("law, outages and days".to_owned(), rolling.law(&Setting::default())),
        ("law, epochs alone".to_owned(), rolling.law(&alone)),
    ];
    forecasts.extend(BASELINES.iter().map(|one| (one.name(), one.forecasts(&rolling, Prices::Known))));
    let scored: Vec<_> =
        forecasts.iter().map(|(name, forecasts)| (name, Evidence::of_past_errors(rolling.errors(forecasts)))).collect();
    let common = |origin: usize, ahead: usize| scored.iter().all(|(_, one)| !one.errors[origin][ahead].is_nan());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/book/rolling.md");
    let chapter = fs::read_to_string(path).expect("the chapter");
    for (name, evidence) in &scored {
        let by_horizon = evidence.scores(rolling.first_scored()..history.closed(), &common);
        let cells: Vec<String> = by_horizon.rmse.iter().map(|value| format!("{value:.3}")).collect();
        let row = format!("| {name} | {} |", cells.join(" | "));
        assert!(chapter.contains(&row), "the chapter lacks the row\n{row}");
    }
}

/// Fleet, hashrate and machines on order of every historic scenario are those of the nowcast at its start. Their medians are of 400 members with seed 1;
/// here 60 members, whose medians differ by about a percent.
#[test]
fn historic_scenarios_start_from_one_history() {
    let (history, on_sale) = (shipped_history(), OnSale::of(&catalogue()).expect("machines on sale"));
    for name in ["2018-crash", "2020-covid-and-halving", "2020-wet-season", "2021-ban", "2022-leverage"] {
        let scenario = load_bundled(name, &[], None).expect("it can be read").scenario;
        let options =
            NowcastOptions { at: Some(scenario.run.start), epochs: 1, members: 60, ..NowcastOptions::default() };
        let told = nowcast(&history, &on_sale, &options, &mut Work::new()).expect("a state");
        let median = |name: &str| {
            told.state.quantities.iter().find(|quantity| quantity.name == name).expect("a quantity").after.p50
        };
        let PopulationParams::Drawn { fleet, active, .. } = &scenario.population else {
            panic!("{name} lists its miners")
        };
        let near = |what: &str, found: f64, told: f64, tolerance: f64| {
            assert!((found / told - 1.0).abs() < tolerance, "{name}: {what} {found}, told {told}");
        };
        near("running hashrate", active.eh(), median("running_eh_per_s"), 0.02);
        let Some(Orders::Rule(rule)) = &scenario.growth.orders else { panic!("{name} has no rule") };
        near("on order", rule.on_order_eh.expect("it is written"), median("on_order_eh_per_s"), 0.15);
        let mean: f64 = fleet.iter().map(|part| part.share * part.machine.efficiency.get()).sum();
        let installed: f64 = told.state.fleet.iter().map(|class| class.installed * class.j_per_th).sum();
        near("J/TH of installed machines", mean, installed, 0.03);
        for part in fleet {
            let class =
                told.state.fleet.iter().find(|class| (class.j_per_th - part.machine.efficiency.get()).abs() < 0.01);
            let share = class.unwrap_or_else(|| panic!("{name}: {} is not in the history", part.name)).installed;
            assert!((part.share - share).abs() < 0.03, "{name}: {} has {}, told {share}", part.name, part.share);
        }
    }
}

/// A nowcast writes a start that a scenario can extend: with one class and a price it can be read, and runs at the hashrate of the nowcast.
#[cfg(feature = "cli")]
#[test]
fn a_nowcast_starts_a_scenario() {
    let desk = crate::cli::Desk::new();
    desk.ends("nowcast --at 2022-03-20 --members 20 --epochs 2 --start start.toml", 0);
    // The scenario that the book adds to such a start, as it is written there.
    let chapter = include_str!("../../src/book/rolling.md");
    let example = chapter.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    desk.write("mine.toml", example);
    desk.ends("check mine.toml", 0);
    desk.ends("run mine.toml --replicas 2 --set run.days=30 --out mine --no-charts --no-report", 0);
    let text = desk.read("start.toml");
    assert!(text.contains("height = 727776") && text.contains("nbits = \"170a40c0\""), "{text}");
    assert!(text.contains("[orders.rule]\non_order_eh_per_s = "), "{text}");
    desk.ends("nowcast --at 2022-03-20 --members 20 --epochs 2 --start start.toml", 2);
    // Impossible dates and prices at which almost no machine runs are refused or reported.
    let epochs = include_str!("../../src/scenario/history_epochs.csv");
    let head = |rows: usize| epochs.lines().take(4 + rows).collect::<Vec<_>>().join("\n") + "\n";
    desk.write("short.csv", &head(40));
    for line in ["nowcast --members 20", "score --rolling"] {
        let said = desk.ends(&format!("{line} --history short.csv"), 2);
        assert!(said.err.contains("ends after 2015"), "{}", said.err);
    }
    desk.write("odd.csv", &head(80).replacen(",15,0.3472", ",15,1e308", 1));
    assert!(desk.ends("nowcast --members 20 --history odd.csv", 2).err.contains("odd.csv:5:"));
    let said = desk.ends("nowcast --members 20 --epochs 2 --price-usd 10", 0);
    assert!(said.out.contains("hardly any hashrate runs"), "{}", said.out);
    assert!(desk.ends("nowcast --at 2099-01-01 --members 20 --epochs 1", 0).err.contains("the history ends"));
    // Draws of members are addressed, so one or two threads give equal bytes.
    let json = |threads: u32| {
        let line = format!("nowcast --at 2022-03-20 --members 20 --epochs 2 --json --threads {threads}");
        crate::cli::said(&mut desk.command(&line)).out
    };
    // Without blocks by day, each epoch as a whole corrects the state: hashrate of the same date is told within 5 %.
    desk.write("epochs.csv", epochs);
    let running = |line: &str| {
        let told: serde_json::Value = serde_json::from_str(&desk.ends(line, 0).out).expect("one object");
        let band = told["state"]["running_eh_per_s"]["after"].clone();
        ["p05", "p50", "p95"].map(|name| band[name].as_f64().expect("a number"))
    };
    let line = "nowcast --at 2022-03-20 --members 40 --epochs 1 --json";
    let (by_day, by_epoch) = (running(line), running(&format!("{line} --history epochs.csv")));
    assert!((by_epoch[1] / by_day[1] - 1.0).abs() < 0.05 && by_epoch[2] < 1.3 * by_epoch[0], "{by_day:?} {by_epoch:?}");
    let (one, two) = (json(1), json(2));
    assert_eq!(one, two);
    let state: serde_json::Value = serde_json::from_str(&one).expect("one object");
    let band = |which: &str| {
        let band = &state["state"]["running_eh_per_s"][which];
        band["p95"].as_f64().expect("a number") / band["p05"].as_f64().expect("a number")
    };
    assert!(
        band("after") < band("before"),
        "hashrate is better known with the data: {} {}",
        band("after"),
        band("before")
    );
}
