use crate::units::{Efficiency, Hashrate, Power};
use std::{cmp::Reverse, sync::LazyLock};

/// The first year whose models have an eco mode by firmware.
const ECO_FROM_YEAR: i16 = 2019;

/// A mining machine, as its manufacturer specifies it.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// Name used in scenarios.
    pub model: String,
    /// Empty if a scenario gives its own figures.
    pub manufacturer: String,
    /// Hashrate of one unit.
    pub hashrate: Hashrate,
    /// Energy per hash at the plug, at full power.
    pub efficiency: Efficiency,
    /// Month of release, (year, month).
    pub release: (i16, i8),
    pub cooling: Cooling,
}

/// Cooling of a machine as sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cooling {
    /// Fans; fits any site.
    #[default]
    Air,
    /// Water through plates; needs a site built for it.
    Hydro,
    /// A bath of oil; needs a site built for it.
    Immersion,
}

impl Cooling {
    /// Name in the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Air => "air",
            Self::Hydro => "hydro",
            Self::Immersion => "immersion",
        }
    }
}

impl Machine {
    /// Power of one unit at its plug, at full power.
    #[must_use]
    pub fn power(&self) -> Power {
        Power::drawn(self.hashrate, self.efficiency, 1.0)
    }

    /// Whether it has an eco mode: released in 2019 or later.
    #[must_use]
    pub const fn supports_eco(&self) -> bool {
        self.release.0 >= ECO_FROM_YEAR
    }
}

/// A row of the file; other columns are ignored.
#[derive(serde::Deserialize)]
struct Row {
    model: String,
    manufacturer: String,
    release_month: String,
    hashrate_th_per_s: f64,
    power_w: f64,
    cooling: Cooling,
    /// Origin of the figures; the head of the file explains the words.
    #[serde(rename = "source")]
    _source: Option<Source>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Source {
    Cbeci,
    Maker,
}

/// The machines shipped with the project, in order of release.
///
/// # Panics
/// Never: the file is part of the program and is tested.
#[must_use]
pub fn catalogue() -> Vec<Machine> {
    NAMED.iter().map(|(_, machine)| machine.clone()).collect()
}

/// Read once, with each normalised name, since a sweep looks up its machines at every point.
static NAMED: LazyLock<Vec<(String, Machine)>> = LazyLock::new(|| {
    let machines = parse(include_str!("catalogue.csv")).expect("the shipped catalogue is read by a test");
    machines.into_iter().map(|machine| (plain(&machine.model), machine)).collect()
});

/// Reads a user's catalogue: `model,manufacturer,release_month,hashrate_th_per_s,power_w,cooling`, as printed by `shakeout hardware --csv`.
///
/// # Errors
/// Names the wrong row.
pub fn read(text: &str) -> Result<Vec<Machine>, String> {
    parse(text)
}

fn parse(text: &str) -> Result<Vec<Machine>, String> {
    csv::ReaderBuilder::new()
        .comment(Some(b'#'))
        .from_reader(text.as_bytes())
        .deserialize::<Row>()
        .map(|row| row.map_err(|error| error.to_string()).and_then(machine))
        .collect()
}

fn machine(row: Row) -> Result<Machine, String> {
    let release = month(&row.release_month)
        .ok_or_else(|| format!("`{}`: `{}` is not a month such as 2016-06", row.model, row.release_month))?;
    if !(row.hashrate_th_per_s > 0.0 && row.power_w > 0.0) {
        return Err(format!("`{}`: hashrate and power must be above zero", row.model));
    }
    Ok(Machine {
        hashrate: Hashrate::from_th(row.hashrate_th_per_s),
        efficiency: Efficiency::new(row.power_w / row.hashrate_th_per_s),
        model: row.model,
        manufacturer: row.manufacturer,
        release,
        cooling: row.cooling,
    })
}

/// Parses `2016-06`.
fn month(text: &str) -> Option<(i16, i8)> {
    let (year, month) = text.split_once('-')?;
    let (year, month): (i16, i8) = (year.parse().ok()?, month.parse().ok()?);
    (1..=12).contains(&month).then_some((year, month))
}

/// The machine of this name, ignoring spaces and case.
#[must_use]
pub fn find(model: &str) -> Option<Machine> {
    let wanted = plain(model);
    NAMED.iter().find(|(name, _)| *name == wanted).map(|(_, machine)| machine.clone())
}

/// Up to five names of the catalogue similar to `model`, the likeliest first: names that contain
/// it, then names a few letters away. Empty if none is similar.
#[must_use]
pub fn nearest(model: &str) -> Vec<String> {
    let wanted = plain(model);
    let few = (wanted.len() / 3).max(2);
    let mut near: Vec<(bool, usize, Reverse<usize>, String)> = catalogue()
        .into_iter()
        .map(|machine| {
            let name = plain(&machine.model);
            // Of two equally similar names the one with the same beginning: users mistake the size more often than the family.
            let alike = name.chars().zip(wanted.chars()).take_while(|(a, b)| a == b).count();
            (!name.contains(&wanted), edits(&wanted, &name), Reverse(alike), machine.model)
        })
        .filter(|(elsewhere, edits, ..)| !wanted.is_empty() && (!elsewhere || *edits <= few))
        .collect();
    near.sort();
    near.into_iter().map(|(.., model)| model).take(5).collect()
}

/// A name without spaces, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// Letters to insert, delete or change to turn one word into the other (Levenshtein 1966).
fn edits(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &b) in to.iter().enumerate() {
            let changed = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogue_is_wide_enough_sorted_and_without_repetition() {
        let machines = catalogue();
        assert!(machines.len() >= 60, "{}", machines.len());
        assert!(machines.is_sorted_by_key(|machine| machine.release));
        assert_eq!(machines.first().map(|machine| machine.release.0), Some(2013));
        let mut names: Vec<String> = machines.iter().map(|machine| plain(&machine.model)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), machines.len());
    }

    #[test]
    fn energy_per_hash_is_power_over_hashrate() {
        let s19 = find("Antminer S19 (95Th)").expect("in the catalogue");
        assert_eq!((s19.hashrate, s19.power().mw(), s19.release), (Hashrate::from_th(95.0), 3_250_000, (2020, 5)));
        for machine in catalogue() {
            let ratio = machine.power().w() / machine.hashrate.th() / machine.efficiency.get();
            assert!((ratio - 1.0).abs() < 1e-5, "{}: {ratio}", machine.model);
        }
    }

    #[test]
    fn frontier_falls_and_no_machine_is_out_of_its_time() {
        // The best machine on sale halves its energy per hash about every two to three years; an error of one decimal place
        // in hashrate or power moves a model away from that line by far more than a factor of four.
        let mut best = 1000.0;
        for machine in catalogue().into_iter().filter(|machine| machine.release.0 > 2013) {
            let here = machine.efficiency.get();
            assert!(here < 4.0 * best && here > 0.25 * best, "{}: {here} after {best}", machine.model);
            best = best.min(here);
        }
        assert!(best < 10.0);
    }

    #[test]
    fn every_fleet_of_the_episodes_has_its_machines() {
        for name in [
            "Antminer S9 (13.5Th)",
            "AvalonMiner 841",
            "AvalonMiner 921",
            "T2 Terminator",
            "T2 Turbo+ 32T",
            "Antminer T9+ (10.5Th)",
            "Whatsminer M3",
            "Whatsminer M3X",
            "Whatsminer M10",
            "T3 (39Th)",
            "AvalonMiner 1047",
            "Antminer S15 (28Th)",
            "Antminer T15 (23Th)",
            "Antminer S17 (56Th)",
            "Antminer T17 (40Th)",
            "Whatsminer M20S",
            "Antminer S19 (95Th)",
            "Antminer S19j Pro (100Th)",
            "Antminer S19 XP (140Th)",
            "Antminer S19k Pro (120Th)",
            "Antminer S19 Hydro (158Th)",
            "Whatsminer M30S",
            "Whatsminer M30S+",
            "Whatsminer M30S++",
            "Whatsminer M31S",
            "Whatsminer M50",
            "Whatsminer M50S",
            "Whatsminer M53",
            "Whatsminer M60",
            "Whatsminer M60S",
            "Whatsminer M66",
            "AvalonMiner 1246",
            "Avalon A1366",
            "Avalon A1466",
            "Avalon A1566",
            "Antminer S21 (200Th)",
            "Antminer T21 (190Th)",
            "Antminer S21 Pro (234Th)",
            "Antminer S21 XP (270Th)",
            "Antminer S21 Hyd (335Th)",
            "Antminer S23 (318Th)",
        ] {
            assert!(find(name).is_some(), "{name}");
        }
    }

    #[test]
    fn eco_mode_begins_in_2019() {
        assert!(!find("Antminer S15 (28Th)").expect("in the catalogue").supports_eco());
        assert!(find("Antminer S17 (53Th)").expect("in the catalogue").supports_eco());
    }

    #[test]
    fn names_are_found_whatever_their_case_and_spaces() {
        assert_eq!(find(" antminer s19 XP(140th)").map(|m| m.model), Some("Antminer S19 XP (140Th)".into()));
        assert_eq!(find("S19"), None);
    }

    #[test]
    fn near_names_are_offered() {
        assert_eq!(nearest("Whatsminer M30")[0], "Whatsminer M30S");
        assert_eq!(nearest("Antminer S19 (59Th)")[0], "Antminer S19 (95Th)");
        assert!(nearest("s21").iter().all(|name| name.contains("S21")) && nearest("s21").len() == 5);
        assert_eq!(nearest("Commodore 64 with a tape drive"), Vec::<String>::new());
        assert_eq!(nearest(""), Vec::<String>::new());
    }

    #[test]
    fn faults_of_a_file_are_reported() {
        let parse_row = |row: &str| {
            parse(&format!("model,manufacturer,release_month,hashrate_th_per_s,power_w,cooling,source\n{row}\n"))
        };
        assert!(parse_row("X,Y,2016-06,1,100,air,maker").is_ok());
        assert!(parse_row("X,Y,2016-13,1,100,air,maker").is_err_and(|error| error.contains("not a month")));
        assert!(parse_row("X,Y,2016-06,0,100,air,maker").is_err_and(|error| error.contains("above zero")));
        assert!(parse_row("X,Y,2016-06,1,100,air,hearsay").is_err());
        assert!(parse_row("X,Y,2016-06,1,maker").is_err());
    }

    #[test]
    fn figures_agree_with_the_shared_list_where_it_is_at_hand() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/asic_catalogue.csv");
        let Ok(text) = std::fs::read_to_string(path) else {
            return; // Not part of the project.
        };
        // Rows of that list whose figures belong to a related model; the catalogue's head explains why.
        let relabelled = |name: &str| match name {
            "Whatsminer M53" => "whatsminerm53s".into(),
            "Avalon A1466" => "avalonmadea1346".into(),
            other => plain(other),
        };
        for machine in catalogue() {
            let wanted = relabelled(&machine.model);
            let row: Vec<&str> = text
                .lines()
                .map(|line| line.split(',').collect::<Vec<_>>())
                .find(|row| plain(row[0]) == wanted || plain(row[0]) == wanted.replacen("avalona", "avalonmadea", 1))
                .unwrap_or_else(|| panic!("{} is not in the list", machine.model));
            let number = |column: usize| row[column].parse::<f64>().expect("a number");
            assert_eq!(machine.hashrate, Hashrate::from_th(number(3)), "{}", machine.model);
            assert!((machine.power().w() - number(4)).abs() < 0.01, "{}", machine.model);
            assert!((machine.efficiency.get() / number(5) - 1.0).abs() < 2e-3, "{}", machine.model);
            assert_eq!(Some(machine.release), month(row[2]), "{}", machine.model);
            assert_eq!(machine.manufacturer, row[1]);
        }
    }
}
