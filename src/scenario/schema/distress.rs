use crate::{
    mechanism::distress::rule::Workout,
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::{KeyPrior, Range},
    },
    world::lenders::LenderParams,
};

/// Reads `[distress]`.
pub fn distress(s: &mut Section<'_>) -> Option<Workout> {
    s.kind(
        Some("wind_up"),
        &[
            Kind {
                name: "wind_up",
                doc: "What fails is wound up at once: coins sold, machines gone, creditors paid.",
                read: &|_| None,
            },
            Kind {
                name: "workout",
                doc: "What fails may be restructured or go on under Chapter 11 before it is liquidated over some days.",
                read: &|s| Some(workout(s)),
            },
        ],
    )
    .flatten()
}

#[expect(clippy::cast_possible_truncation, reason = "the range is below 2^32")]
fn workout(s: &mut Section<'_>) -> Workout {
    let years = Range::within(0.0, 3650.0);
    Workout {
        restructure_probability: s
            .key("restructure_probability", "Probability that creditors agree to wait when a firm with debts fails.")
            .source("section 7.12, A: 0-1")
            .prior(KeyPrior::uniform(0.0, 1.0, "section 7.12, assumed"))
            .range(Range::within(0.0, 1.0))
            .number_or(0.5),
        principal_cut: s
            .key("principal_cut", "Share of principal that they give up.")
            .source("section 7.12, A")
            .range(Range::within(0.0, 1.0))
            .number_or(0.2),
        extension_months: s
            .key("extension_months", "Months by which the term is longer.")
            .unit("month")
            .source("section 7.12, A")
            .range(Range::within(0.0, 1200.0))
            .usual(1.0, 60.0, "A-56")
            .number_or(12.0),
        chapter11_days: Some(
            s
            .key("chapter11_days", "Days under Chapter 11 until a firm comes out of it; with 0 it stays until the run ends or it is liquidated.")
            .unit("d")
            .source("section 7.12, A")
            .range(years)
            .usual(30.0, 1500.0, "A-56, S31: about 400 days")
            .number_or(365.0),
        )
        .filter(|&days| days > 0.0),
        burn_days: s
            .key("burn_days", "A firm under Chapter 11 is liquidated when it has less cash and coins, at the price of the day, than so many days before.")
            .unit("d")
            .source("section 7.12, A")
            .range(Range::positive(3650.0))
            .usual(7.0, 365.0, "A-56")
            .number_or(91.0),
        liquidation_days: s
            .key("liquidation_days", "Days over which the coins of a liquidated firm are sold.")
            .unit("d")
            .source("section 7.12, A")
            .range(Range::within(1.0, 3650.0))
            .usual(1.0, 365.0, "A-56")
            .integer_or(20) as u32,
    }
}

/// Reads `[lenders]`.
pub fn lenders(s: &mut Section<'_>) -> LenderParams {
    let mark = s.reading.mark();
    let params = LenderParams {
        tight_above: s
            .key("tight_above", "Losses remembered, over what is lent and was lost, above which lenders pay out half of what may be drawn.")
            .source("section 7.12, A")
            .range(Range::within(0.0, 1.0))
            .usual(0.001, 0.8, "A-55")
            .number_or(LenderParams::USUAL.tight_above),
        closed_above: s
            .key("closed_above", "The same, above which they pay out nothing.")
            .source("A")
            .range(Range::within(0.0, 1.0))
            .usual(0.001, 0.8, "A-55")
            .number_or(LenderParams::USUAL.closed_above),
        memory_days: s
            .key("memory_days", "Mean age of the losses that are remembered.")
            .unit("d")
            .source("A")
            .range(Range::positive(36_500.0)).usual(30.0, 1500.0, "A-55")
            .number_or(LenderParams::USUAL.memory_days),
        freezes: Vec::new(),
    };
    if s.reading.clean_since(mark) && params.closed_above < params.tight_above {
        let problem =
            Problem::new("scenario::order", format!("`{}` is below `tight_above`", s.name_of("closed_above")));
        s.report(
            problem
                .at(s.place_of("closed_above"), format!("must be at least {}", params.tight_above))
                .help("lenders first become tight, then close"),
        );
    }
    params
}
