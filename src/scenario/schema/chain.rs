use super::{fees, run::Horizon};
use crate::{
    chain::{Arrivals, ChainParams, CompactTarget, PastBlocks, Retarget},
    scenario::{
        compact::{parse_nbits, write_nbits},
        other_units::meant,
        problem::Problem,
        section::{Kind, Section},
        shape::{Range, Usual, shown},
    },
    units::{Hashrate, Seconds},
};

/// What the hashrate of the start can be, EH/s.
const HASHRATE: Range = Range::within(1e-6, 1e4);
/// Where difficulty usually lies.
const DIFFICULTY: Usual = Usual { low: 1e11, high: 1e15, source: "S1: 2016 to 2025, and seven times that" };

/// Reads `[chain]`, and the hashrate that is active at the start.
pub fn chain(s: &mut Section<'_>, horizon: &Horizon) -> (ChainParams, Hashrate) {
    let mark = s.reading.mark();
    let height = s
        .key("height", "Height of the block just found at the start; the next to be mined is one above.")
        .range(Range::within(0.0, 1e8))
        .integer();
    let pow_limit = s
        .key("pow_limit", "The easiest compact target allowed; 1d00ffff on Bitcoin's main network.")
        .source("consensus")
        .parsed_or(0x1d00_ffff, write_nbits, parse_nbits);
    let nbits = nbits(s, pow_limit);
    let expected = CompactTarget::new(nbits).difficulty() * 4_294_967_296.0 / 600.0 / 1e18;
    let active = s
        .key("hashrate_eh_per_s", "Hashrate that runs at the start; not used where the miners are listed one by one.")
        .unit("EH/s")
        .derived("that at which blocks come every 600 s: difficulty · 2^32 / 600")
        // Above, a network's costs in whole nano-dollars no longer fit; below, firms are less than a machine.
        .range(HASHRATE)
        .usual(0.5, 5_000.0, "S1: 2016 to 2025, and five times that")
        .number_or(expected);
    if s.reading.clean_since(mark) && s.entry("hashrate_eh_per_s").is_none() {
        implies_hashrate(s, nbits, expected);
    }
    let arrivals = s
        .key(
            "arrivals",
            "How blocks arrive: as a real number without noise, a Poisson number a step, or each gap drawn.",
        )
        .source("design")
        .choice_or(
            "poisson",
            &[("fluid", Arrivals::Fluid), ("poisson", Arrivals::Poisson), ("exact", Arrivals::Exact)],
        );
    let history = history(s, s.reading.clean_since(mark).then_some(height));
    let retarget = s
        .optional_table("retarget", "The difficulty rule: one table, named by its kind.", |s| retarget(s))
        .unwrap_or(Retarget::Bitcoin);
    let fees = s.optional_table("fees", "Fees of a block: one table, named by its kind.", |s| fees::fees(s, horizon));
    (
        ChainParams { start: horizon.start(), height, nbits, history, arrivals, retarget, fees, pow_limit },
        Hashrate::from_eh(active),
    )
}

/// The hashrate that follows from difficulty must be one that `hashrate_eh_per_s` may be.
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
    let number = s
        .key(
            "difficulty",
            "Difficulty in force for the next block; the nearest compact target is taken. Either this or `nbits`.",
        )
        .range(Range::positive(1e30))
        .usually(DIFFICULTY)
        .optional_number();
    let exact = s
        .key("nbits", "Compact target in force for the next block, exactly. Either this or `difficulty`.")
        .optional_parsed(write_nbits, parse_nbits);
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
    let history = s
        .key("history", "Runs of blocks before the start with the same spacing, oldest first; any missing are taken to have come every 10 minutes.")
        .tables(|s| PastBlocks {
            blocks: s.key("blocks", "How many gaps between blocks.").range(Range::within(1.0, 1e6)).integer() as u32,
            interval: Seconds::new(60.0 * s.key("minutes", "Each so long.").unit("min").range(Range::positive(1e6)).number()),
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

#[expect(clippy::cast_possible_truncation, reason = "the ranges are below 2^31")]
fn retarget(s: &mut Section<'_>) -> Option<Retarget> {
    let window = Range::within(1.0, 1e6);
    s.kind(
        Some("bitcoin"),
        &[
            Kind {
                name: "bitcoin",
                doc: "Every 2016 blocks, over 2015 gaps, within a factor of four.",
                read: &|_| Retarget::Bitcoin,
            },
            Kind {
                name: "asert",
                doc: "aserti3-2d: exponential in how far the chain is behind schedule, at every block.",
                read: &|s| Retarget::Asert {
                    half_life_s: (86_400.0
                        * s.key("half_life_days", "Time behind schedule for the target to double.")
                            .unit("d")
                            .source("R: aserti3-2d")
                            .range(Range::within(1e-3, 1e4))
                            .usual(0.02, 30.0, "R: aserti3-2d has 2; assumed")
                            .number_or(2.0))
                    .round() as i64,
                },
            },
            Kind {
                name: "cw144",
                doc: "Bitcoin Cash 2017: work over 144 blocks, median-of-three ends.",
                read: &|_| Retarget::Cw144,
            },
            Kind {
                name: "lwma",
                doc: "Linearly weighted moving average of solve times (zawy12).",
                read: &|s| Retarget::Lwma {
                    window: s
                        .key("window", "Blocks averaged.")
                        .unit("blocks")
                        .source("design")
                        .range(Range::within(2.0, 1e5))
                        .integer_or(144) as u32,
                },
            },
            Kind {
                name: "fixed_window",
                doc: "Bitcoin's rule with its constants set free.",
                read: &|s| {
                    let mark = s.reading.mark();
                    let window = s
                        .key("window", "Blocks between retargets.")
                        .unit("blocks")
                        .source("consensus")
                        .range(window)
                        .integer_or(2016) as u32;
                    let clamp = s
                        .key("clamp", "Largest factor of a retarget either way; without it any goes.")
                        .range(Range { low: Some((1.0, true)), high: Some((1e6, false)) })
                        .optional_number();
                    let all_gaps = s
                        .key("gaps", "Gaps measured: all of the window's, or one less as Bitcoin does.")
                        .source("consensus")
                        .choice_or("window-1", &[("window-1", false), ("window", true)]);
                    if s.reading.clean_since(mark) && window == 1 && !all_gaps {
                        let problem =
                            Problem::new("scenario::range", format!("`{}` has no gap to measure", s.name_of("window")));
                        let problem = problem.at(s.place_of("window"), "one block has no gap before the next");
                        s.report(
                            problem
                                .help("retarget every 2 blocks or more, or measure all gaps with `gaps = \"window\"`"),
                        );
                    }
                    Retarget::FixedWindow { window, clamp, all_gaps }
                },
            },
        ],
    )
}
