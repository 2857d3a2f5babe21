use super::{fees, run::Horizon};
use crate::{
    chain::{Arrivals, ChainParams, CompactTarget, PastBlocks, Retarget},
    declare::{Choice, Key, Kinds, Range, ReadKeys, Usual, shown},
    scenario::{
        compact::{parse_nbits, write_nbits},
        other_units::meant,
        problem::Problem,
        section::Section,
    },
    units::{Hashrate, Seconds},
};

/// Allowed initial hashrate, EH/s.
const HASHRATE: Range = Range::within(1e-6, 1e4);
/// Usual difficulty.
const DIFFICULTY: Usual = Usual { low: 1e11, high: 1e15, source: "S1: 2016 to 2025, and seven times that" };

/// Reads `[chain]`, and the initial running hashrate.
pub fn chain(s: &mut Section<'_>, horizon: &Horizon) -> (ChainParams, Hashrate) {
    let mark = s.reading.mark();
    let height = s.integer(
        Key::new(
            "height",
            "Height of the last block found before the start; the next block to be mined is one higher.",
        )
        .within(0.0, 1e8),
    );
    let pow_limit = s.parsed_or(
        Key::new("pow_limit", "The easiest compact target allowed; 1d00ffff on Bitcoin's main network.")
            .source("consensus"),
        0x1d00_ffff,
        write_nbits,
        parse_nbits,
    );
    let nbits = nbits(s, pow_limit);
    let expected = CompactTarget::new(nbits).difficulty() * 4_294_967_296.0 / 600.0 / 1e18;
    let active = s.number_or(
        Key::new("hashrate_eh_per_s", "Running hashrate at the start; not used if the miners are listed individually.")
            .unit("EH/s")
            .derived("the hashrate at which blocks come every 600 s: difficulty · 2^32 / 600")
            // Above this range, costs in whole nano-dollars overflow; below it, firms have less than one machine.
            .range(HASHRATE)
            .usual(0.5, 5_000.0, "S1: 2016 to 2025, and five times that"),
        expected,
    );
    if s.reading.clean_since(mark) && s.entry("hashrate_eh_per_s").is_none() {
        implies_hashrate(s, nbits, expected);
    }
    let doc = "How blocks arrive: their expected number without noise, a Poisson number per step, or with each interval drawn.";
    let arrivals = s.choice_or(Key::new("arrivals", doc).source("design"), Arrivals::Poisson, Arrivals::CHOICES);
    let history = history(s, s.reading.clean_since(mark).then_some(height));
    let retarget = s
        .optional_table("retarget", "The difficulty rule: one table, named by its kind.", |s| {
            Retarget::read_kind(s, Some("bitcoin"))
        })
        .unwrap_or(Retarget::Bitcoin);
    let fees = s.optional_table("fees", "Fees of a block: one table, named by its kind.", |s| fees::fees(s, horizon));
    (
        ChainParams { start: horizon.start(), height, nbits, history, arrivals, retarget, fees, pow_limit },
        Hashrate::from_eh(active),
    )
}

/// The hashrate that follows from difficulty must be in the range of `hashrate_eh_per_s`.
fn implies_hashrate(s: &Section<'_>, nbits: u32, expected: f64) {
    let Some(bound) = HASHRATE.fault(expected) else { return };
    let key = if s.entry("nbits").is_some() { "nbits" } else { "difficulty" };
    let written = s.entry(key).and_then(|entry| entry.node.value.as_number());
    let difficulty = written.unwrap_or_else(|| CompactTarget::new(nbits).difficulty());
    let name = s.name_of(key);
    let message = format!(
        "`{name}` means a hashrate of {} EH/s, which must be {bound}",
        shown(format!("{expected:.3e}").parse().unwrap_or(expected))
    );
    let meant = meant("difficulty", difficulty, "", |value| DIFFICULTY.holds(value));
    let meant = meant.map_or_else(String::new, |meant| meant + "; ");
    s.report(Problem::new("scenario::range", message).at(s.place_of(key), format!("usually {DIFFICULTY}")).help(
        format!("{meant}blocks come every 600 s at a hashrate of difficulty · 2^32 / 600; another can be given as `chain.hashrate_eh_per_s`"),
    ));
}

/// The compact target in force, from `difficulty` or `nbits`.
fn nbits(s: &mut Section<'_>, pow_limit: u32) -> u32 {
    let mark = s.reading.mark();
    let number = s.optional_number(
        Key::new(
            "difficulty",
            "Difficulty in force for the next block; the nearest compact target is used. Give either this or `nbits`.",
        )
        .positive(1e30)
        .usually(DIFFICULTY),
    );
    let exact = s.optional_parsed(
        Key::new("nbits", "Exact compact target in force for the next block. Give either this or `difficulty`."),
        write_nbits,
        parse_nbits,
    );
    if !s.reading.clean_since(mark) {
        return pow_limit;
    }
    let help = "the difficulty at the start is given either as a number or as the exact compact target `nbits`";
    match (number, exact) {
        (None, None) => {
            s.report(
                Problem::new("scenario::missing", format!("`{}` or `nbits` is missing", s.name_of("difficulty")))
                    .at(s.header(), "needs one of them")
                    .help(help),
            );
            pow_limit
        }
        (Some(_), Some(nbits)) => {
            let problem =
                Problem::new("scenario::both", format!("`{}` and `nbits` are both given", s.name_of("difficulty")));
            s.report(problem.at(s.place_of("difficulty"), "one").at(s.place_of("nbits"), "the other").help(help));
            nbits
        }
        (number, exact) => {
            let (key, nbits) = exact.map_or_else(
                || ("difficulty", CompactTarget::nearest(number.unwrap_or(1.0)).map_or(pow_limit, CompactTarget::get)),
                |nbits| ("nbits", nbits),
            );
            if CompactTarget::new(nbits).difficulty() < CompactTarget::new(pow_limit).difficulty() {
                let least = shown(CompactTarget::new(pow_limit).difficulty());
                let problem =
                    Problem::new("scenario::range", format!("`{}` is easier than `pow_limit` allows", s.name_of(key)));
                s.report(
                    problem
                        .at(s.place_of(key), format!("difficulty must be at least {least}"))
                        .help("`pow_limit` is the easiest compact target allowed"),
                );
            }
            nbits
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is below 2^32")]
fn history(s: &mut Section<'_>, height: Option<u64>) -> Vec<PastBlocks> {
    let mark = s.reading.mark();
    let history = s.tables(Key::new("history", "Sequences of blocks before the start, each with a constant interval, oldest first; missing blocks are assumed to have come every 10 minutes."), |s| PastBlocks {
            blocks: s.integer(Key::new("blocks", "Number of intervals between blocks.").within(1.0, 1e6)) as u32,
            interval: Seconds::new(60.0 * s.number(Key::new("minutes", "Length of each interval.").unit("min").positive(1e6))),
        });
    let total: u64 = history.iter().map(|run| u64::from(run.blocks)).sum();
    if s.reading.clean_since(mark)
        && let Some(height) = height
        && total > height
    {
        let problem = Problem::new(
            "scenario::range",
            format!("`{}` has {total} blocks, but the chain only {height}", s.name_of("history")),
        );
        s.report(
            problem
                .at(s.place_of("history"), "more blocks than the chain has")
                .help("the history ends with the block at `chain.height`"),
        );
    }
    history
}
