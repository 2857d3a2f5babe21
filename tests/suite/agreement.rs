//! Tables that describe one quantity agree. Quantities that appear in two places, such as failures, coins sold by cause, hashrate, efficiency, energy, debt,
//! lost machines or concentration, are computed twice from the tables as written, for every shipped scenario, and compared: tables with one another, with
//! the summary, with the words of charts, and with the page.

mod folder;
mod one_replica;
mod words;

pub use folder::Folder;

use crate::scenarios::scenarios;
use shakeout::scenario::load;

/// Simulated days: enough for prices to fall, firms to fail and machines to move.
const DAYS: f64 = 240.0;
const REPLICAS: u64 = 2;

/// Every shipped scenario, shortened.
fn shortened() -> impl Iterator<Item = Folder> {
    scenarios().into_iter().map(|path| {
        let whole = load(&path, &[], None).unwrap_or_else(|problems| panic!("{}: {problems}", path.display()));
        let short = format!("run.days={DAYS}");
        let cut = if whole.scenario.run.days.get() > DAYS { load(&path, &[short], None).ok() } else { None };
        Folder::of(&path.display().to_string(), &cut.unwrap_or(whole), REPLICAS)
    })
}

/// Compares all quantities that appear twice in a folder with this number of replicas.
pub fn agree(folder: &Folder, replicas: u64) {
    for replica in 0..replicas {
        one_replica::check(folder, replica);
    }
    words::check(folder);
}

#[test]
fn tables_of_every_shipped_scenario_agree() {
    for folder in shortened() {
        agree(&folder, REPLICAS);
    }
}
