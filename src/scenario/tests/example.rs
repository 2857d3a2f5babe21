use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::scenario::{Files, Problems, Resolved, load_str_with, load_with};

/// A good scenario with a line for most of what can be written.
pub const GOOD: &str = r#"format = 1
title = "Two miners"
question = "Who stays?"
sources = ["made up"]

[run]
start = "2018-09-20"
days = 180
step = "1d"
replicas = 20
seed = 7

[chain]
height = 542304
difficulty = 7.1526e12
arrivals = "poisson"
history = [{ blocks = 942, minutes = 10.0 }]
[chain.retarget.asert]
half_life_days = 2.0
[chain.fees.knots]
points = [["2018-09-20", 0.1], ["2018-12-01", 0.2]]

[price.knots]
points = [["2018-09-01", 7000.0], ["2018-09-20", 6493.0], ["2019-03-20", 4000.0]]

[event.crash.price_shock]
at = "2018-11-14"
factor = 0.6

[class.public]
share = 0.7
power_price_usd_per_kwh = 0.05
cash_months = 4
treasury_days = 60
[class.public.rules]
naive = 0.5
option = 0.5

[class.home]
share = 0.3
firms = 10
power_price_usd_per_kwh = 0.075
cash_months = 1
treasury_days = 7

[fleet.s9]
machine = "Antminer S9 (13.5Th)"
share = 0.6

[fleet.own]
hashrate_th_per_s = 20.0
efficiency_j_per_th = 60.0
release = "2019-04"
eco = true
share = 0.4

[operation]
restart_delays = [[7, 0.25], [60, 2], [14]]

[power]
pue = 1.05
"#;

/// Files that exist only in a test.
#[derive(Default)]
pub struct Shelf(pub BTreeMap<PathBuf, Vec<u8>>);

impl Shelf {
    pub fn with(mut self, path: &str, text: impl Into<Vec<u8>>) -> Self {
        self.0.insert(PathBuf::from(path), text.into());
        self
    }

    pub fn load(&self, path: &str, sets: &[&str], variant: Option<&str>) -> Result<Resolved, Problems> {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        load_with(self, Path::new(path), &sets, variant)
    }

    pub fn read_str(&self, text: &str, sets: &[&str]) -> Result<Resolved, Problems> {
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        load_str_with(self, "test.toml", text, Path::new(""), &sets, None)
    }
}

impl Files for Shelf {
    fn length(&self, path: &Path) -> std::io::Result<u64> {
        self.0.get(path).map(|bytes| bytes.len() as u64).ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }

    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        self.0.get(path).cloned().ok_or_else(|| std::io::ErrorKind::NotFound.into())
    }
}

/// The good scenario with one piece of its text replaced.
pub fn changed(from: &str, to: &str) -> String {
    assert_eq!(GOOD.matches(from).count(), 1, "`{from}` must occur once in the example");
    GOOD.replace(from, to)
}

/// Reads a text that must be good.
pub fn good(text: &str) -> Resolved {
    Shelf::default().read_str(text, &[]).unwrap_or_else(|problems| panic!("{}", problems.render(false, 120)))
}

/// Reads a text that must not be.
pub fn bad(text: &str) -> Problems {
    match Shelf::default().read_str(text, &[]) {
        Ok(_) => panic!("read without a problem"),
        Err(problems) => problems,
    }
}
