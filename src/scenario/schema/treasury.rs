use crate::{
    mechanism::treasury::rule::TreasuryPolicy,
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::Range,
    },
};

/// Reads `[class.NAME.treasury]`, or `[population.treasury]` of miners given one by one.
pub fn treasury(s: &mut Section<'_>, default: &'static str) -> TreasuryPolicy {
    s.kind(
        Some(default),
        &[
            Kind { name: "all", doc: "Sells all it has at every settlement.", read: &|_| TreasuryPolicy::All },
            Kind {
                name: "share",
                doc: "Sells a share of production, and what exceeds the treasury of the start bit by bit.",
                read: &|s| TreasuryPolicy::Share {
                    share: share(s, "share", "Share of production sold at settlement.", 1.0),
                    excess_per_day: excess(s, 0.02),
                },
            },
            Kind {
                name: "target",
                doc: "Holds so many days of full production and sells what exceeds them.",
                read: &|s| TreasuryPolicy::Target {
                    days: s
                        .key("days", "Coins held, in days of what all machines of the firm would mine.")
                        .unit("d")
                        .range(Range::within(0.0, 36_500.0)).usual(0.5, 2500.0, "A-29, S13: 7-650; the largest treasury over its production is assumed")
                        .number(),
                    excess_per_day: excess(s, 1.0),
                },
            },
            Kind { name: "hold", doc: "Sells for want of cash alone.", read: &|_| TreasuryPolicy::Hold },
            Kind {
                name: "cover",
                doc: "Pays its bills out of coins as long as there are any, and out of cash after that.",
                read: &|_| TreasuryPolicy::Cover,
            },
            Kind {
                name: "regime",
                doc: "Sells a share of production that rises as the margin falls, and what exceeds the treasury of the start bit by bit.",
                read: &regime,
            },
        ],
    )
    .unwrap_or(TreasuryPolicy::Hold)
}

fn regime(s: &mut Section<'_>) -> TreasuryPolicy {
    let mark = s.reading.mark();
    let mut ratio = |name, doc, default| {
        s.key(name, doc)
            .source("section 7.8, A")
            .range(Range::within(0.0, 1e3))
            .usual(0.2, 10.0, "A-30")
            .number_or(default)
    };
    let rich_ratio =
        ratio("rich_ratio", "What its machines would earn over what they would cost, from which a firm is rich.", 2.0);
    let poor_ratio = ratio("poor_ratio", "The same, up to which it is poor.", 1.2);
    if s.reading.clean_since(mark) && poor_ratio >= rich_ratio {
        let problem =
            Problem::new("scenario::order", format!("`{}` is not below `rich_ratio`", s.name_of("poor_ratio")));
        s.report(
            problem
                .at(s.place_of("poor_ratio"), format!("must be below {rich_ratio}"))
                .help("between the two the share sold is joined by a line"),
        );
    }
    TreasuryPolicy::Regime {
        rich_share: share(s, "rich_share", "Share of production that a rich firm sells.", 0.3),
        poor_share: share(s, "poor_share", "Share of production that a poor firm sells.", 1.0),
        rich_ratio,
        poor_ratio,
        excess_per_day: excess(s, 0.02),
    }
}

fn share(s: &mut Section<'_>, name: &'static str, doc: &'static str, default: f64) -> f64 {
    s.key(name, doc).source("section 7.8, S13").range(Range::within(0.0, 1.0)).number_or(default)
}

fn excess(s: &mut Section<'_>, default: f64) -> f64 {
    s.key("excess_per_day", "Share of the coins above the target that is sold per day.")
        .unit("1/d")
        .source("section 7.8")
        .range(Range::within(0.0, 1.0))
        .usual(0.001, 1.0, "A-31: 0.02; 1 is all at once")
        .number_or(default)
}
