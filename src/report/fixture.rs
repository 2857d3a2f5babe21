//! A result folder made up for tests: plausible, small, the same every time.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use jiff::Timestamp;

use crate::{
    declare::{Columns, Row},
    output::{manifest::Manifest, plan::Plan, table::Table},
    scenario::Role,
    units::UnixTime,
};

/// 2018-09-20.
pub(crate) const START: i64 = 1_537_401_600;
const DAY: i64 = 86_400;

/// How large the made-up run is.
pub(crate) struct Fixture {
    pub(crate) days: u32,
    pub(crate) replicas: u32,
}

/// Numbers between −1 and 1 that look like chance: a linear congruential generator.
pub(crate) struct Chance(pub(super) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).unwrap()) / f64::from(1_u32 << 30) - 1.0
    }

    /// One of the numbers below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.next();
        usize::try_from(((self.0 >> 33) * end as u64) >> 31).unwrap()
    }
}

/// The rows as columns whose instants count from 1970.
pub(crate) fn columns<'a, R: Row<'a>>(rows: &[R]) -> Columns {
    let mut columns = Columns::of::<R>(UnixTime::default());
    for row in rows {
        columns.push(row).unwrap();
    }
    columns
}

pub(crate) fn iso(time: i64) -> String {
    Timestamp::from_second(time).unwrap().to_string()
}

const BINS: [(f64, f64, f64); 5] =
    [(0.0, 60.0, 0.06), (60.0, 80.0, 0.18), (80.0, 100.0, 0.46), (100.0, 150.0, 0.22), (150.0, f64::INFINITY, 0.08)];

/// The tables as they are written.
struct Texts(BTreeMap<Table, String>);

impl Texts {
    /// A row of `table`: the values given, `0` in the columns that no chart asks for. The columns are those of the
    /// program, so that one renamed there fails the tests here.
    fn add(&mut self, table: Table, values: &[(&str, String)]) {
        let columns = table.columns();
        for (name, _) in values {
            assert!(columns.iter().any(|column| column.name == *name), "{} has no column {name}", table.name());
        }
        let cell = |name: &str| values.iter().find(|(given, _)| *given == name).map_or("0", |(_, value)| value);
        let cells: Vec<&str> = columns.iter().map(|column| cell(&column.name)).collect();
        let text = self.0.entry(table).or_insert_with(|| String::from_utf8(table.header()).unwrap());
        *text += &(cells.join(",") + "\n");
    }

    /// Twenty bins of break-even with as many machines in each, the cheapest running.
    fn supply(&mut self, replica: u32, epoch: u32, time: i64, (installed, running, hashprice): (f64, f64, f64)) {
        for bin in 0..20_u32 {
            let from = 60.0 * libm::pow(1.1, f64::from(bin));
            let part = installed / 20.0;
            let on = if f64::from(bin) < 20.0 * running { part } else { 0.0 };
            self.add(
                Table::Supply,
                &[
                    ("replica", replica.to_string()),
                    ("epoch", epoch.to_string()),
                    ("time_utc", iso(time)),
                    ("hashprice_usd_per_ph_day", format!("{hashprice:.3}")),
                    ("from_usd_per_ph_day", format!("{from:.4}")),
                    ("to_usd_per_ph_day", format!("{:.4}", from * 1.1)),
                    ("running_hashrate_eh_per_s", format!("{on:.4}")),
                    ("idle_hashrate_eh_per_s", format!("{:.4}", part - on)),
                ],
            );
        }
    }

    /// The least efficient stop first.
    fn fleet(&mut self, replica: u32, epoch: u32, time: i64, (installed, running): (f64, f64)) {
        for (from, to, part) in BINS {
            let off = ((1.0 - running) * 2.0 * (from / 90.0)).clamp(0.0, 0.95);
            let to = if to.is_finite() { to.to_string() } else { String::new() };
            let (on, off) = (installed * part * (1.0 - off), installed * part * off);
            self.add(
                Table::Fleet,
                &[
                    ("replica", replica.to_string()),
                    ("epoch", epoch.to_string()),
                    ("time_utc", iso(time)),
                    ("from_j_per_th", from.to_string()),
                    ("to_j_per_th", to),
                    ("running_hashrate_eh_per_s", format!("{on:.4}")),
                    ("idle_hashrate_eh_per_s", format!("{off:.4}")),
                ],
            );
        }
    }

    /// Two models, both cheaper when hashprice is low.
    fn rigs(&mut self, replica: u32, time: i64, (hashprice, idle): (f64, f64)) {
        for (model, efficiency, worth) in [("s9", 98.0, 0.3), ("s15", 57.0, 0.6)] {
            self.add(
                Table::Rigs,
                &[
                    ("replica", replica.to_string()),
                    ("time_utc", iso(time)),
                    ("model", model.into()),
                    ("efficiency_j_per_th", efficiency.to_string()),
                    ("price_usd_per_th", format!("{:.3}", worth * hashprice)),
                    ("traded_hashrate_th_per_s", format!("{:.1}", 9_000.0 * idle)),
                ],
            );
        }
    }

    /// Of each class a part has failed by the end, of the small the most.
    fn survival(&mut self, replica: u32, time: i64, share: f64) {
        for (class, fails) in [("home", 0.25), ("private", 0.125), ("public", 0.0)] {
            self.add(
                Table::Survival,
                &[
                    ("replica", replica.to_string()),
                    ("time_utc", iso(time)),
                    ("by", "class".into()),
                    ("group", class.into()),
                    ("surviving_share", format!("{}", 1.0 - fails * share)),
                    ("liquidated_share", format!("{}", fails * share)),
                ],
            );
        }
    }

    /// Tenths of hashrate: the dearer the power, the more is gone by the end.
    fn tenths(&mut self, replica: u32, time: i64, share: f64) {
        for (by, fails) in [("power_price_decile", 0.08), ("efficiency_decile", 0.04)] {
            for decile in 1..=10 {
                let left = 1.0 - fails * share * f64::from(decile);
                self.add(
                    Table::Survival,
                    &[
                        ("replica", replica.to_string()),
                        ("time_utc", iso(time)),
                        ("by", by.into()),
                        ("group", decile.to_string()),
                        ("surviving_share", format!("{left}")),
                        ("liquidated_share", format!("{}", 1.0 - left)),
                        ("surviving_hashrate_share", format!("{left}")),
                        ("running_share", format!("{}", 0.9 * left)),
                    ],
                );
            }
        }
    }

    /// Three classes, of which the small leave.
    fn classes(&mut self, replica: u32, epoch: u32, time: i64, (hash, share): (f64, f64)) {
        for (class, part, stays) in [("home", 0.2, 0.25), ("private", 0.5, 0.8), ("public", 0.3, 1.0)] {
            let on = hash * part * (1.0 + (stays - 1.0) * share);
            self.add(
                Table::Classes,
                &[
                    ("replica", replica.to_string()),
                    ("epoch", epoch.to_string()),
                    ("time_utc", iso(time)),
                    ("class", class.into()),
                    ("running_hashrate_eh_per_s", format!("{on:.4}")),
                ],
            );
        }
    }

    fn ladder(&mut self, replica: u32, epoch: u32, time: i64, (hashprice, idle): (f64, f64)) {
        self.add(
            Table::Restart,
            &[
                ("replica", replica.to_string()),
                ("epoch", epoch.to_string()),
                ("time_utc", iso(time)),
                ("hashprice_usd_per_ph_day", format!("{hashprice:.3}")),
                ("restartable_hashrate_eh_per_s", format!("{idle:.4}")),
                ("restart_10pct_usd_per_ph_day", format!("{:.3}", 1.1 * hashprice)),
                ("restart_50pct_usd_per_ph_day", format!("{:.3}", 1.4 * hashprice)),
                ("restart_90pct_usd_per_ph_day", format!("{:.3}", 2.1 * hashprice)),
            ],
        );
    }

    fn event(&mut self, replica: u32, time: i64, kind: &str, firm: &str) {
        self.add(
            Table::Events,
            &[("replica", replica.to_string()), ("time_utc", iso(time)), ("kind", kind.into()), ("firm", firm.into())],
        );
    }
}

impl Fixture {
    /// Writes tables, summary and manifest.
    pub(crate) fn write(&self, folder: &Path) {
        let mut texts = Texts(BTreeMap::new());
        for replica in 0..self.replicas {
            self.write_replica(replica, &mut texts);
            self.write_firms(replica, &mut texts);
        }
        for (table, text) in texts.0 {
            fs::write(folder.join(format!("{}.csv", table.name())), text).unwrap();
        }
        fs::write(folder.join("observed.csv"), self.observed()).unwrap();
        fs::write(folder.join("summary.json"), self.summary()).unwrap();
        fs::write(folder.join("manifest.json"), self.manifest()).unwrap();
    }

    /// Epochs of 13 days from before the run until after it.
    fn observed(&self) -> String {
        let mut text = String::from("start_time_utc,end_time_utc,hashrate_eh_per_s\n");
        for (epoch, begin) in (-6..i64::from(self.days) + 14).step_by(13).enumerate() {
            let ends = START + DAY * (begin + 13);
            let hash = if epoch % 3 == 2 { 39.5 } else { 51.0 };
            writeln!(text, "{},{},{hash}", iso(START + DAY * begin), iso(ends)).unwrap();
        }
        text
    }

    /// Twelve firms of three classes: of each the second fails, of the last class one is taken over.
    fn write_firms(&self, replica: u32, texts: &mut Texts) {
        let mut chance = Chance(u64::from(replica) + 99);
        for (place, class, weight) in [(0_u32, "home", "50"), (1, "private", "2"), (2, "public", "1")] {
            for firm in 0..4_u32 {
                let (state, left) = match (place, firm) {
                    (_, 1) => ("liquidated", true),
                    (2, 2) => ("acquired", true),
                    _ => ("ok", false),
                };
                let day = self.days * (place + 2) / 6 + replica % 3;
                let exit = START + DAY * i64::from(day);
                let size = 40_000.0 * libm::pow(3.0, f64::from(place)) * (f64::from(firm + 1) + 0.3 * chance.next());
                let running = if left { 0.0 } else { size };
                texts.add(
                    Table::Firms,
                    &[
                        ("replica", replica.to_string()),
                        ("firm", format!("{class}-{firm}")),
                        ("class", class.into()),
                        ("weight", weight.into()),
                        ("state", state.into()),
                        ("exit_time_utc", if left { iso(exit) } else { String::new() }),
                        ("installed_hashrate_th_per_s", format!("{size:.0}")),
                        ("running_hashrate_th_per_s", format!("{running:.0}")),
                    ],
                );
            }
        }
    }

    fn write_replica(&self, replica: u32, texts: &mut Texts) {
        let mut chance = Chance(u64::from(replica) + 7);
        let (mut noise, mut difficulty, mut hash, mut work, mut epoch) = (0.0, 7.15e12, 53.3, 0.0, 0);
        let mut begun = START;
        texts.survival(replica, START, 0.0);
        for day in 0..self.days {
            let time = START + DAY * i64::from(day + 1);
            let share = f64::from(day) / f64::from(self.days);
            let (fall, rally) = (libm::tanh((share - 0.3) * 30.0), libm::tanh((share - 0.8) * 12.0));
            noise = 0.97 * noise + 0.02 * chance.next();
            let price = 6490.0 * (0.76 - 0.21 * fall + 0.14 * (1.0 + rally)) * (1.0_f64 + noise).max(0.2);
            let hashprice = 1e15 * 86_400.0 / (difficulty * 4_294_967_296.0) * 12.6 * price;
            let wanted = 75.0 * libm::pow(hashprice / 330.0, 0.8) * (1.0 + 0.35 * share);
            hash += (wanted.min(75.0) - hash) * 0.08;
            let installed = 54.0 * (1.0 + 0.3 * share);
            let idle = (installed - hash).max(0.0);
            let forced = 260.0 * (1.0 - fall * fall) + 40.0 * (1.0 + fall) * (0.6 - share).max(0.0);
            let liquidation = if share > 0.34 && share < 0.45 { 240.0 } else { 0.0 };
            let mined = 1800.0 * (hash * 1e18 * 600.0) / (difficulty * 4_294_967_296.0);
            let impact = -0.002 * (forced + liquidation) / 300.0;
            let held = 90_000.0 - 12_000.0 * (fall + 1.0) + 900.0 * chance.next();
            texts.add(
                Table::Days,
                &[
                    ("replica", replica.to_string()),
                    ("time_utc", iso(time)),
                    ("price_usd", format!("{price:.2}")),
                    ("base_price_usd", format!("{:.2}", price / libm::exp(impact))),
                    ("price_impact_share", format!("{:.6}", libm::expm1(impact))),
                    ("hashrate_eh_per_s", format!("{hash:.4}")),
                    ("idle_hashrate_eh_per_s", format!("{idle:.4}")),
                    ("difficulty", difficulty.to_string()),
                    ("hashprice_usd_per_ph_day", format!("{hashprice:.3}")),
                    ("block_interval_s", "600".into()),
                    ("blocks", "144".into()),
                    ("power_gw", format!("{:.4}", hash * 0.096)),
                    ("machine_efficiency_j_per_th", format!("{:.3}", 96.0 / 1.06)),
                    ("scrapped_eh_per_s", "0.01".into()),
                    ("co2_kt", format!("{:.4}", hash * 0.096 * 24.0 * 0.3)),
                    ("issued_btc", format!("{mined:.1}")),
                    ("sold_voluntary_btc", format!("{:.2}", 1150.0 + 150.0 * chance.next())),
                    ("sold_forced_btc", format!("{forced:.2}")),
                    ("sold_liquidation_btc", format!("{liquidation:.2}")),
                    ("coins_held_btc", format!("{held:.1}")),
                ],
            );
            work += hash / (difficulty * 4_294_967_296.0 * 2016.0 / (14.0 * 86_400.0) / 1e18) / 14.0;
            let ends = day + 1 == self.days;
            if work >= 1.0 || ends || day == 0 {
                let running = hash / installed;
                texts.supply(replica, epoch, time, (installed, running, hashprice));
                texts.fleet(replica, epoch, time, (installed, running));
            }
            if day % 7 == 6 {
                texts.rigs(replica, time, (hashprice, idle));
            }
            if work >= 1.0 || ends {
                texts.classes(replica, epoch, time, (hash, share));
                texts.survival(replica, time, share);
                texts.tenths(replica, time, share);
                texts.ladder(replica, epoch + 1, time, (hashprice, idle));
                let length = f64::from(u32::try_from(time - begun).unwrap()) / 86_400.0;
                let ratio = 14.0 / length;
                texts.add(
                    Table::Epochs,
                    &[
                        ("replica", replica.to_string()),
                        ("epoch", epoch.to_string()),
                        ("start_height", (540_000 + 2016 * epoch).to_string()),
                        ("start_time_utc", iso(begun)),
                        ("duration_days", format!("{length:.3}")),
                        ("difficulty", difficulty.to_string()),
                        ("retarget_ratio", if ends { String::new() } else { format!("{ratio:.5}") }),
                        ("runway_p10_days", format!("{:.1}", 40.0 - 30.0 * (fall + 1.0) / 2.0)),
                        ("runway_p50_days", format!("{:.1}", 160.0 - 90.0 * (fall + 1.0) / 2.0)),
                        // Who burns no cash has no end of it.
                        ("runway_p90_days", if share < 0.3 { String::new() } else { "700".into() }),
                        ("hhi", format!("{:.5}", 0.021 + 0.004 * share + 0.0005 * chance.next())),
                    ],
                );
                if !ends {
                    difficulty *= ratio;
                    texts.event(replica, time, "retarget", "");
                }
                (begun, epoch, work) = (time, epoch + 1, 0.0);
            }
            if day == self.days * 3 / 10 {
                texts.event(replica, time, "price_shock", "");
                texts.event(replica, time, "shutdown", "firm-3");
            }
            if day == self.days * 3 / 4 {
                texts.event(replica, time, "halving", "");
            }
        }
    }

    fn summary(&self) -> String {
        let n = self.replicas;
        format!(
            r#"{{"title":"2018 crash","question":"How far did hashrate fall when the price halved in November 2018, and when was it back?","seed":42,"replicas":{n},"scenario_sha256":"9f2c","metrics":{{
"hashrate_trough_share":{{"unit":"","doc":"Lowest epoch-mean hashrate as a share of the highest before it","mean":0.684,"p05":0.652,"p25":0.671,"p50":0.685,"p75":0.697,"p95":0.713,"n":{n},"n_censored":0}},
"days_to_trough":{{"unit":"d","doc":"From the scenario's start to the middle of that lowest epoch","mean":75.2,"p05":68,"p25":72,"p50":74,"p75":79,"p95":84,"n":{n},"n_censored":0}},
"days_to_full":{{"unit":"d","doc":"From the trough until hashrate is back at its peak","mean":null,"p05":151,"p25":173,"p50":186,"p75":241,"p95":null,"n":{n},"n_censored":{}}},
"longest_epoch":{{"unit":"d","doc":"Duration of the longest difficulty epoch","mean":16.6,"p05":15.9,"p25":16.3,"p50":16.5,"p75":16.9,"p95":17.4,"n":{n},"n_censored":0}},
"worst_retarget":{{"unit":"","doc":"Largest fall of difficulty at one retarget, next over this less one","mean":-0.152,"p05":-0.189,"p25":-0.166,"p50":-0.151,"p75":-0.138,"p95":-0.121,"n":{n},"n_censored":0}},
"coins_sold_forced":{{"unit":"BTC","doc":"Coins sold because cash was short","mean":15210.5,"p05":11800,"p25":13900,"p50":15104,"p75":16480,"p95":18950,"n":{n},"n_censored":0}}
}},"unknown_to_this_version":true}}"#,
            n / 8
        )
    }

    fn manifest(&self) -> Vec<u8> {
        let scenario = "format = 1\ntitle = \"2018 crash\"\n\n[run]\nstart = \"2018-09-20T00:00:00Z\"\ndays = 270\nstep = \"1 d\"\nseed = 42\n\n[chain]\nheight = 541_800\ndifficulty = 7.1526e12\n\n[price.knots]\n2018-09-20 = 6493.0\n2018-12-15 = 3230.0\n\n[class.private]\nshare = 0.4\nfirms = 60\n";
        let mut plan = Plan::new(scenario, 42, u64::from(self.replicas));
        plan.inputs.insert("prices.csv".into(), "c3d4".into());
        let origins = [("run.days", "written"), ("run.step", "default"), ("class.private.share", "inherited")];
        Manifest::new(&plan, scenario)
            .with_command("shakeout run 2018-crash.toml --seed 42")
            .with_source("2018-crash.toml", Role::Scenario, "abc")
            .with_origins(origins.map(|(key, origin)| (key.to_owned(), origin.to_owned())))
            .to_json()
    }
}
