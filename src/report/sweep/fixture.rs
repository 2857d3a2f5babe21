//! The folder of a sweep made up for tests: plausible, small, the same every time.

use std::{fmt::Write as _, fs, path::Path};

use crate::{
    output::{manifest::Manifest, plan::Plan},
    report::fixture::Chance,
    simulation::metrics::METRICS,
};

/// A factor and how its setting, a number or a choice, moves the made-up network: from −1 to 1.
pub(crate) struct Axis {
    key: &'static str,
    levels: Vec<(String, f64)>,
}

/// Which points of the product of the axes are run.
#[derive(Clone, Copy)]
pub(crate) enum Points {
    /// All of them.
    Product,
    /// So many, drawn by chance.
    Drawn(usize),
}

/// A made-up sweep.
pub(crate) struct SweepFixture {
    axes: Vec<Axis>,
    points: Points,
    replicas: usize,
}

fn spaced(key: &'static str, (low, high): (f64, f64), count: u32) -> Axis {
    let level = |place: u32| {
        let share = f64::from(place) / f64::from(count - 1);
        let setting = (low + share * (high - low)) * 1e6;
        ((setting.round() / 1e6).to_string(), 2.0 * share - 1.0)
    };
    Axis { key, levels: (0..count).map(level).collect() }
}

fn choices(key: &'static str, levels: &[(&str, f64)]) -> Axis {
    Axis { key, levels: levels.iter().map(|&(text, effect)| (text.to_owned(), effect)).collect() }
}

impl SweepFixture {
    /// One number.
    pub(crate) fn number(levels: u32, replicas: usize) -> Self {
        let axes = vec![spaced("class.private.cash_months", (1.0, 12.0), levels)];
        Self { axes, points: Points::Product, replicas }
    }

    /// One choice, with a long name.
    pub(crate) fn choice(replicas: usize) -> Self {
        let rules = [
            ("bitcoin", 0.1),
            ("asert", -0.6),
            ("cw144", -0.2),
            ("lwma", -0.4),
            ("fixed_window with a window of 4032 blocks", 0.9),
        ];
        Self { axes: vec![choices("chain.retarget", &rules)], points: Points::Product, replicas }
    }

    /// All pairs of two numbers.
    pub(crate) fn pairs(across: u32, up: u32, replicas: usize) -> Self {
        let axes = vec![
            spaced("event.crash.price_factor", (0.3, 0.8), across),
            spaced("class.private.power_price_usd_per_kwh", (0.03, 0.09), up),
        ];
        Self { axes, points: Points::Product, replicas }
    }

    /// All triples of three numbers.
    pub(crate) fn triples(across: u32, up: u32, maps: u32, replicas: usize) -> Self {
        let axes = vec![
            spaced("class.private.cash_months", (0.0, 12.0), across),
            spaced("event.crash.price_factor", (0.3, 0.7), up),
            spaced("impact.square_root.y", (1.0, 3.0), maps),
        ];
        Self { axes, points: Points::Product, replicas }
    }

    /// Seven factors, drawn by chance.
    pub(crate) fn many(points: usize, replicas: usize) -> Self {
        let policies = [("hold until forced", -0.3), ("sell all", 0.1), ("sell what the month needs", 0.2)];
        let axes = vec![
            spaced("run.step_days", (1.0, 7.0), 7),
            spaced("event.crash.price_factor", (0.3, 0.8), 1_001),
            spaced("class.private.power_price_usd_per_kwh", (0.031_25, 0.091_25), 997),
            choices("class.private.treasury", &policies),
            spaced("price.gbm.drift_per_year", (-0.25, 0.25), 501),
            choices("chain.retarget", &[("bitcoin", 0.15), ("asert", -0.15)]),
            spaced("class.public.debt_usd_per_th", (5.0, 65.0), 601),
        ];
        Self { axes, points: Points::Drawn(points), replicas }
    }

    /// Writes `sweep.csv` and `manifest.json`.
    pub(crate) fn write(&self, folder: &Path) {
        let keys = self.axes.iter().map(|axis| axis.key);
        let columns = ["point", "replica"].into_iter().chain(keys).chain(METRICS.iter().map(|metric| metric.name));
        let mut text = columns.collect::<Vec<_>>().join(",") + "\n";
        let product = self.axes.iter().map(|axis| axis.levels.len()).product();
        let mut dice = Chance(11);
        let count = match self.points {
            Points::Product => product,
            Points::Drawn(count) => count,
        };
        for point in 0..count {
            let mut rest = point;
            let settings: Vec<&(String, f64)> = self
                .axes
                .iter()
                .rev()
                .map(|axis| {
                    let length = axis.levels.len();
                    let place = match self.points {
                        Points::Product => rest % length,
                        Points::Drawn(_) => dice.below(length),
                    };
                    rest /= length;
                    &axis.levels[place.min(length - 1)]
                })
                .collect();
            // The first factors matter least of all, the second most.
            let weights = [0.05, 1.0, 0.55, 0.6, 0.35, 0.15, 0.0];
            let settings: Vec<_> = settings.into_iter().rev().collect();
            let weights = if settings.len() < 3 { &[1.0, 0.7][..] } else { &weights[..] };
            let effect: f64 = settings.iter().zip(weights).map(|((_, effect), weight)| effect * weight).sum();
            for replica in 0..self.replicas {
                // Common random numbers: the same chance at every point.
                let mut chance = Chance(replica as u64 * 977 + 5);
                chance.next();
                write!(text, "{point},{replica}").unwrap();
                for (value, _) in &settings {
                    write!(text, ",{}", csv_field(value)).unwrap();
                }
                for metric in METRICS {
                    text.push(',');
                    let value = made_up(metric.name, effect, chance.next(), chance.next());
                    if let Some(value) = value {
                        write!(text, "{value}").unwrap();
                    }
                }
                text.push('\n');
            }
        }
        fs::write(folder.join("sweep.csv"), text).unwrap();
        fs::write(folder.join("manifest.json"), self.manifest()).unwrap();
    }

    fn manifest(&self) -> Vec<u8> {
        let scenario = "format = 1\ntitle = \"2018 crash\"\nquestion = \"What decides how far hashrate falls?\"\n\n[run]\ndays = 270\nseed = 42\n";
        let plan = Plan::new(scenario, 42, self.replicas as u64).with_option("design", "made up");
        Manifest::new(&plan, scenario).with_command("shakeout sweep crash.toml --design sobol --points 8").to_json()
    }
}

fn csv_field(text: &str) -> String {
    if text.contains(['"', ',']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

fn made_up(metric: &str, effect: f64, luck: f64, more: f64) -> Option<f64> {
    let noise = 0.25 * (luck + more);
    let strain = effect + noise;
    let value = match metric {
        "hashrate_trough_share" => 0.7 - 0.2 * libm::tanh(1.5 * strain),
        "days_to_95pct" if strain > 0.42 => return None,
        "days_to_95pct" => 120.0 + 90.0 * strain,
        "longest_epoch_days" => 17.0 + 3.0 * strain,
        "worst_retarget" => -0.17 - 0.09 * strain,
        "block_delay_days" => 9.0 * strain - 2.0,
        "hashprice_low_usd_per_ph_day" => 90.0 * libm::exp(-0.4 * strain),
        "defaulted_hashrate_share" => (0.2 + 0.3 * strain).max(0.0),
        "sold_forced_btc" => 12_000.0 * libm::exp(1.1 * strain),
        // The same everywhere: not drawn.
        "hhi_end" => 0.021,
        "block_gap_longest_s" => return None,
        _ => 1.0 + 0.1 * strain,
    };
    Some(value)
}
