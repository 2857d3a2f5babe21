//! Whether height and difficulty of the start fit its date and the hashrate, and which halvings lie within the run.

use super::{Seen, percent, rounded, warning};
use crate::{
    chain::{
        CompactTarget,
        subsidy::{HALVING_INTERVAL, next_halving},
    },
    declare::shown,
    scenario::{other_units::meant, problem::Problem, resolve::ResolvedValue},
    units::{Seconds, UnixTime},
};

/// First block of the year's first difficulty epoch on Bitcoin's main network: header time, height, difficulty (consensus data, S1).
const EPOCHS: [(i64, f64, f64); 16] = [
    (1_231_006_505, 0.0, 1.0),
    (1_263_250_117, 34_272.0, 1.305),
    (1_294_031_411, 100_800.0, 16_307.4),
    (1_326_047_172, 161_280.0, 1.2508e6),
    (1_357_641_640, 215_712.0, 3.2495e6),
    (1_388_624_318, 278_208.0, 1.4185e9),
    (1_421_084_073, 338_688.0, 4.3972e10),
    (1_452_670_778, 393_120.0, 1.1335e11),
    (1_484_088_160, 447_552.0, 3.3690e11),
    (1_514_778_970, 501_984.0, 1.9311e12),
    (1_547_432_545, 558_432.0, 5.8840e12),
    (1_577_915_667, 610_848.0, 1.3799e13),
    (1_610_205_877, 665_280.0, 2.0607e13),
    (1_641_627_910, 717_696.0, 2.4372e13),
    (1_672_719_770, 770_112.0, 3.4094e13),
    (1_703_311_462, 822_528.0, 7.2006e13),
];

/// Heights may be off by as many blocks: half a year, and after the last year of the table a share of what has been mined since.
const HEIGHT_SLACK: f64 = 25_000.0;
const HEIGHT_SLACK_LATER: f64 = 0.03;
/// Difficulty may be off by this factor within the table, and later by one that grows by as many powers of e in a year.
const DIFFICULTY_SLACK: f64 = 3.0;
const DIFFICULTY_SLACK_LATER: f64 = 0.7;
/// A year in which difficulty grows as it did from 2019 to 2023: a factor of e^0.5.
const GROWTH_PER_YEAR: f64 = 0.5;
const YEAR_S: f64 = 365.25 * 86_400.0;

/// Between two epochs of the main network since 2014, hashrate was 0.72 to 1.26 times that at which blocks come every 600 s (S1).
const PACE: (f64, f64) = (0.6, 1.5);

/// Height and difficulty on a date, and years since the last date that is known.
fn main_network(date: f64) -> Option<(f64, f64, f64)> {
    #[expect(clippy::cast_precision_loss, reason = "seconds of a date are below 2^53")]
    let at = |epoch: &(i64, f64, f64)| epoch.0 as f64;
    let (first, last) = (EPOCHS.first()?, EPOCHS.last()?);
    if date < at(first) {
        return None;
    }
    if let Some(pair) = EPOCHS.windows(2).find(|pair| date < at(&pair[1])) {
        let passed = (date - at(&pair[0])) / (at(&pair[1]) - at(&pair[0]));
        let between = |a: f64, b: f64| a + passed * (b - a);
        let difficulty = libm::exp(between(libm::log(pair[0].2), libm::log(pair[1].2)));
        return Some((between(pair[0].1, pair[1].1), difficulty, 0.0));
    }
    let years = (date - at(last)) / YEAR_S;
    Some((last.1 + (date - at(last)) / 600.0, last.2 * libm::exp(GROWTH_PER_YEAR * years), years))
}

/// What is to be questioned in the chain of the start.
pub fn questions(seen: &Seen<'_>) -> Vec<Problem> {
    let chain = &seen.resolved.scenario.chain;
    #[expect(clippy::cast_precision_loss, reason = "seconds of a date and heights are below 2^53")]
    let (date, height) = (chain.start.get() as f64, chain.height as f64);
    let written = seen.value("chain.difficulty").and_then(|value| value.value.as_number());
    let difficulty = written.unwrap_or_else(|| CompactTarget::new(chain.nbits).difficulty());
    let mut found = Vec::new();
    let mut is_likely = true;
    if let Some((usual_height, usual_difficulty, years)) = main_network(date) {
        let slack = HEIGHT_SLACK + HEIGHT_SLACK_LATER * years * YEAR_S / 600.0;
        if (height - usual_height).abs() > slack {
            found.push(height_question(seen, height, usual_height, slack));
        }
        let factor = DIFFICULTY_SLACK * libm::exp(DIFFICULTY_SLACK_LATER * years);
        let (low, high) = (usual_difficulty / factor, usual_difficulty * factor);
        if !(low..=high).contains(&difficulty) {
            // Further off, the usual range of the key has said it.
            let is_usual = |value: &ResolvedValue| value.usual.is_none_or(|usual| usual.holds(difficulty));
            if seen.value("chain.difficulty").is_none_or(is_usual) {
                found.push(difficulty_question(seen, difficulty, (low, high)));
            }
            is_likely = false;
        }
    }
    // What would fit another difficulty is no second thing to be questioned.
    if is_likely {
        found.extend(pace(seen, difficulty));
    }
    found.extend(halving(seen));
    found
}

fn height_question(seen: &Seen<'_>, height: f64, usual: f64, slack: f64) -> Problem {
    let start = day(seen.resolved.scenario.chain.start);
    let range = format!("{:.0} to {:.0}", (usual - slack).max(0.0), usual + slack);
    let digits = format!("{height:.0}");
    // A digit too many or too few is the likeliest slip.
    let without = (0..digits.len()).rev().map(|at| format!("{}{}", &digits[..at], &digits[at + 1..]));
    let fits = |text: &String| text.parse().is_ok_and(|other: f64| (other - usual).abs() <= slack);
    let meant = without
        .chain([format!("{digits}0")])
        .find(fits)
        .map_or_else(String::new, |meant| format!("perhaps {meant} is meant; "));
    warning("plausible::height", format!("`chain.height` is {height:.0}, but the run starts on {start}"))
        .at(seen.place("chain.height"), format!("about {range} on that day"))
        .help(format!(
            "{meant}the range is that of the main network (S1), 144 blocks a day after December 2023; the height says how many coins a block brings and when the next halving comes"
        ))
}

fn difficulty_question(seen: &Seen<'_>, difficulty: f64, (low, high): (f64, f64)) -> Problem {
    let key = if seen.value("chain.nbits").is_some() { "chain.nbits" } else { "chain.difficulty" };
    let start = day(seen.resolved.scenario.chain.start);
    let range = format!("{} to {}", shown(rounded(low)), shown(rounded(high)));
    let other = meant("difficulty", difficulty, "", |value| (low..=high).contains(&value));
    let other = other.map_or_else(String::new, |meant| meant + "; ");
    warning("plausible::difficulty", format!("the difficulty {} is unusual on {start}", shown(rounded(difficulty))))
        .at(seen.place(key), format!("about {range} on that day"))
        .help(format!(
            "{other}the range is that of the main network (S1), wider for each year after 2023; difficulty says how many coins hashrate earns"
        ))
}

/// Hashrate against difficulty.
fn pace(seen: &Seen<'_>, difficulty: f64) -> Option<Problem> {
    let value = seen.value("chain.hashrate_eh_per_s").filter(|value| value.place.is_some())?;
    let hashrate = value.value.as_number()?;
    let on_time = difficulty * 4_294_967_296.0 / 600.0 / 1e18;
    let pace = hashrate / on_time;
    if (PACE.0..=PACE.1).contains(&pace) {
        return None;
    }
    let other = meant("", hashrate, "EH/s", |meant| (PACE.0..=PACE.1).contains(&(meant / on_time)));
    let other = other.map_or_else(String::new, |meant| meant + "; ");
    let (low, high) = (rounded(PACE.0 * on_time), rounded(PACE.1 * on_time));
    let problem = warning(
        "plausible::hashrate",
        format!("`chain.hashrate_eh_per_s` is {} EH/s, {} what the difficulty says", shown(hashrate), times(pace)),
    );
    let problem = problem.at(value.place, format!("usually {low} to {high} EH/s at this difficulty"));
    let key = if seen.value("chain.nbits").is_some() { "chain.nbits" } else { "chain.difficulty" };
    Some(problem.at(seen.place(key), format!("blocks come every 600 s at {} EH/s", rounded(on_time))).help(format!(
        "{other}blocks come every {:.0} s at first, so that the next retarget changes difficulty by as much; since 2014 epochs had 0.72 to 1.26 times the hashrate that their difficulty says (S1)",
        600.0 / pace
    )))
}

/// A ratio as a message shows it.
fn times(ratio: f64) -> String {
    if ratio < 2.0 { format!("{} of", percent(ratio)) } else { format!("{} times", shown(rounded(ratio))) }
}

/// The halvings within the run.
fn halving(seen: &Seen<'_>) -> Option<Problem> {
    let scenario = &seen.resolved.scenario;
    let (start, height) = (scenario.chain.start, scenario.chain.height);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a run has far fewer blocks than 2^63")]
    let last = height + (scenario.run.days.get() * 144.0) as u64;
    let next = next_halving(height);
    if next > last {
        return None;
    }
    let more = (last - next) / HALVING_INTERVAL;
    let others = if more > 0 { format!(", and {more} more times") } else { String::new() };
    #[expect(clippy::cast_precision_loss, reason = "heights are below 2^53")]
    let date = day(start.after(Seconds::new((next - height) as f64 * 600.0)));
    let message = format!("the subsidy halves within the run, at block {next}{others}");
    Some(Problem::note("plausible::halving", message).at(seen.place("run.days"), format!("about {date}")).help(
        "what hashprice, hashrate and firms do after it follows from the halving too; end the run before it to leave it out",
    ))
}

fn day(date: UnixTime) -> String {
    date.to_string().chars().take(10).collect()
}
