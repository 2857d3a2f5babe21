use super::{
    loan, region,
    shares::{at_most_one, must_add_up},
    treasury,
};
use crate::{
    mechanism::operate::rule::{Rule, RuleMix},
    scenario::{
        section::Section,
        shape::{KeyPrior, Range, Usual},
        tree::Place,
    },
    units::PowerPrice,
    world::ClassParams,
};

/// Where prices of power at the meter lie: 0.011 USD/kWh in the wet season of Sichuan, 0.018 at the cheapest listed miner of 2022, up to
/// what households pay.
pub const POWER_PRICE: Usual =
    Usual { low: 0.01, high: 0.3, source: "A-12, S4, S8, S20, S29: 0.011-0.12; households pay more" };

/// A class as read, and where its share and its number of firms are written.
pub struct Class {
    /// Its parameters.
    pub params: ClassParams,
    /// Where its share is written.
    pub share_at: Option<Place>,
    /// Where its number of firms is written.
    pub firms_at: Option<Place>,
    /// Whether it says itself where its sites are.
    pub is_placed: bool,
}

/// The number of agents by which the four usual classes are represented.
fn usual_firms(class: &str) -> Option<u64> {
    match class {
        "public" => Some(16),
        "private" => Some(60),
        "host" | "hosted" => Some(120),
        "home" => Some(200),
        _ => None,
    }
}

/// Where the sites of a class are, by share of its hashrate.
fn regions(s: &mut Section<'_>) -> Vec<(String, f64)> {
    let doc = "Regions of its sites by name, in place of the shares of `[region.NAME]`.";
    let mark = s.reading.mark();
    let regions = s.each("regions", doc, &|s| {
        let share = s.key("share", "Share of the class's hashrate there.").range(Range::within(0.0, 1.0)).number();
        (s.last_name().to_owned(), share, s.place_of("share"))
    });
    let shares: Vec<_> = regions.iter().map(|(_, share, at)| (*share, *at)).collect();
    if s.reading.clean_since(mark) {
        at_most_one(
            s,
            &format!("the shares of `{}.regions`", s.name()),
            &shares,
            "what is left is in the class's `region`",
        );
    }
    regions.into_iter().map(|(name, share, _)| (name, share)).collect()
}

/// Reads one `[class.NAME]`.
#[expect(clippy::cast_possible_truncation, reason = "the range is below 2^32")]
pub fn class(s: &mut Section<'_>) -> Class {
    let name = s.last_name().to_owned();
    let share = s
        .key("share", "Share of installed hashrate; the classes' shares add up to 1.")
        .range(Range::within(0.0, 1.0))
        .number();
    let share_at = s.place_of("share");
    let firms = s
        .key("firms", "Number of agents.")
        .source("section 5")
        .derived("16 for public, 60 for private, 120 for host or hosted, 200 for home")
        .range(Range::within(1.0, 1e6))
        .integer_or_else(usual_firms(&name)) as u32;
    let firms_at = s.place_of("firms");
    let (spare_capacity_share, entrants, entrant_mw) = room_and_entrants(s);
    let params = ClassParams {
        share,
        firms,
        weight: s
            .key("weight", "How many identical real miners an agent stands for.")
            .source("section 5, A")
            .range(Range::within(1.0, 1e9))
            .usual(1.0, 1e5, "assumed: home miners by thousands")
            .number_or(1.0),
        size_tail_index: s
            .key("size_tail_index", "Tail index of the Pareto distribution of firm sizes.")
            .source("section 5, A: 1.0-1.6")
            .prior(KeyPrior::uniform(1.0, 1.6, "section 5, assumed"))
            .range(Range::within(0.1, 100.0))
            .usual(0.8, 3.0, "A-09: 1.0-1.6")
            .number_or(1.2),
        largest_share: s
            .key("largest_share", "Largest share of the network's installed hashrate one agent may have.")
            .source("section 5, S31")
            .range(Range::positive(1.0))
            .number_or(0.10),
        region: s
            .key("region", "Where its sites are; with `regions`, those that are in none of them.")
            .text_or("world"),
        regions: regions(s),
        contract: s
            .written_table(
                "contract",
                "The contract of its sites: one table, named by its kind; fixed where none is written.",
                region::contract,
            )
            .flatten()
            .unwrap_or_default(),
        power_price_median: PowerPrice::new(
            s.key("power_price_usd_per_kwh", "Median of the lognormal power price at the meter.")
                .unit("USD/kWh")
                .range(Range::positive(100.0))
                .usually(POWER_PRICE)
                .number(),
        ),
        power_price_log_sd: s
            .key("power_price_log_sd", "Standard deviation of the logarithm of the power price.")
            .source("section 5, A")
            .range(Range::within(0.0, 3.0))
            .usual(0.0, 0.8, "A-13; 0.16-0.63 fitted")
            .number_or(0.3),
        cash_months: s
            .key("cash_months", "Cash at the start, in months of running all machines.")
            .unit("months")
            .range(Range::within(0.0, 1200.0))
            .usual(0.1, 120.0, "A-29; 0.9-114 months at listed miners in September 2025")
            .number(),
        treasury_days: s
            .key("treasury_days", "Coins at the start, in days of own production.")
            .unit("d")
            .range(Range::within(0.0, 36_500.0))
            .usual(0.5, 2500.0, "A-29, S13: 7-650; the largest treasury over its production is assumed")
            .number(),
        debt_usd_per_th: debt(s),
        finance_log_sd: finance_log_sd(s),
        fixed_cost_usd_per_ph_day: s
            .key("fixed_cost_usd_per_ph_day", "Fixed cost per installed hashrate, due while the firm lives.")
            .unit("USD/(PH/s)/d")
            .source("A")
            .range(Range::within(0.0, 1e6))
            .usual(0.1, 40.0, "A-18; cash costs of listed miners were 15-34 with power in September 2025")
            .number_or(0.0),
        rules: s.optional_table(
            "rules",
            "Shares of lots by decision rule; they add up to 1, and a rule that is not written beside others has none.",
            rules,
        ),
        treasury: s.optional_table("treasury", "How it sells its coins.", |s| treasury::treasury(s, "share")),
        loans: loan::loans(s),
        cash_buffer_months: s
            .key("cash_buffer_months", "Cash kept, in months of running all machines; coins are sold to restore it.")
            .unit("months")
            .source("A")
            .range(Range::within(0.0, 1200.0))
            .usual(0.1, 24.0, "A-32: 0-12")
            .number_or(0.0),
        spare_capacity_share,
        entrants,
        entrant_mw,
        name,
    };
    let is_placed = s.entry("region").is_some() || !params.regions.is_empty();
    Class { params, share_at, firms_at, is_placed }
}

fn debt(s: &mut Section<'_>) -> f64 {
    s.key("debt_usd_per_th", "Debt at the start per installed hashrate.")
        .unit("USD/(TH/s)")
        .source("section 5, A")
        .range(Range::within(0.0, 1e6))
        .usual(0.1, 200.0, "A-29, S11, S12: 31-65")
        .number_or(0.0)
}

fn finance_log_sd(s: &mut Section<'_>) -> f64 {
    s.key(
        "finance_log_sd",
        "Standard deviation of the logarithm of the factors by which each firm's cash, coins and debt of the start differ from the class's, each drawn by itself; their mean is 1.",
    )
    .source("A")
    .range(Range::within(0.0, 3.0)).usual(0.0, 1.5, "A-29: 0-1")
    .number_or(0.0)
}

/// What its sites have to spare, how many firms may enter, and with how much power.
#[expect(clippy::cast_possible_truncation, reason = "the range is below 2^32")]
fn room_and_entrants(s: &mut Section<'_>) -> (f64, u32, f64) {
    let spare = s
        .key(
            "spare_capacity_share",
            "Power that the sites of the start have to spare, as a share of what their machines draw.",
        )
        .source("A: 0-0.5")
        .prior(KeyPrior::uniform(0.0, 0.5, "assumed"))
        .range(Range::within(0.0, 100.0))
        .usual(0.01, 1.0, "A-64: 0-0.5")
        .number_or(0.0);
    let entrants = s
        .key("entrants", "Firms that do not mine yet and enter, each once, when that pays (`[invest.payback]`).")
        .source("design")
        .range(Range::within(0.0, 1e6))
        .integer_or(0) as u32;
    let megawatts = s
        .key("entrant_mw", "Site that an entrant builds.")
        .unit("MW")
        .source("A: 1-100")
        .prior(KeyPrior::log_uniform(1.0, 100.0, "assumed"))
        .range(Range::positive(1e6))
        .usual(0.1, 500.0, "A-64: 1-100")
        .number_or(20.0);
    (spare, entrants, megawatts)
}

fn rules(s: &mut Section<'_>) -> RuleMix {
    let mark = s.reading.mark();
    let any = Rule::ALL.into_iter().any(|rule| s.entry(rule.name()).is_some());
    let mut placed = Vec::new();
    let mut read = |rule: Rule| {
        let share = s
            .key(rule.name(), rule.doc())
            .source("section 7.4, A")
            .derived(Rule::USUAL)
            .range(Range::within(0.0, 1.0))
            .number_or(if any { 0.0 } else { rule.usual() });
        placed.push((share, s.entry(rule.name()).and(s.place_of(rule.name()))));
        (rule, share)
    };
    let mix = Rule::ALL.into_iter().map(&mut read).collect();
    // In the order they are written, so that the one that overshoots is the one a reader would name.
    placed.sort_by_key(|(_, place)| place.map(|place| (place.source, place.start)));
    if s.reading.clean_since(mark) {
        must_add_up(
            s,
            &format!("the rules of `{}`", s.name()),
            &placed,
            "a rule's share is the fraction of the class's lots that follow it",
        );
    }
    mix
}
