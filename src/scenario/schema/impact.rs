use crate::{
    chain::subsidy::issued_through,
    market::{Flow, ImpactLaw, ImpactParams},
    scenario::{
        section::{Kind, Section},
        shape::{KeyPrior, Range},
    },
};

/// Reads `[impact]`; `height` is the chain's at the start.
pub fn impact(s: &mut Section<'_>, height: u64) -> ImpactParams {
    s.kind(
        Some("none"),
        &[
            Kind { name: "none", doc: "The price is given; sales do not move it.", read: &|_| ImpactParams::NONE },
            Kind {
                name: "linear",
                doc: "A day's sale multiplies the price by 1 - fall_per_btc · coins, for good.",
                read: &|s| {
                    let fall_per_btc = s
                        .key("fall_per_btc", "Relative fall of the price per coin sold.")
                        .unit("1/BTC")
                        .range(Range::within(0.0, 1.0)).usual(1e-9, 0.0001, "assumed: a thousand coins a day move the price by at most a tenth")
                        .number();
                    ImpactParams { law: ImpactLaw::Linear { fall_per_btc }, flow: flow(s) }
                },
            },
            Kind {
                name: "square_root",
                doc: "The square-root law with fading: a steady sale of Q coins moves the price by about y · volatility · sqrt(Q / volume).",
                read: &|s| ImpactParams { law: square_root(s), flow: flow(s) },
            },
            Kind {
                name: "multiplier",
                doc: "Selling a share of all coins lowers ln of the price by multiplier times that share, for good.",
                read: &|s| ImpactParams { law: multiplier(s, height), flow: flow(s) },
            },
        ],
    )
    .unwrap_or(ImpactParams::NONE)
}

fn square_root(s: &mut Section<'_>) -> ImpactLaw {
    ImpactLaw::SquareRoot {
        y: s.key("y", "Constant of the square-root law.")
            .source("S32, R: 0.3-2")
            .prior(KeyPrior::uniform(0.3, 2.0, "S32, R"))
            .range(Range::within(0.0, 100.0))
            .usual(0.1, 5.0, "A-43, S32: 0.3-2")
            .number_or(0.9),
        amplification: s
            .key("amplification", "What leverage and sentiment add; 1 adds nothing.")
            .source("A: 1-10")
            .prior(KeyPrior::log_uniform(1.0, 10.0, "assumed"))
            .range(Range::within(0.0, 1000.0))
            .usual(0.5, 20.0, "A-43: 1-10")
            .number_or(1.0),
        volume_btc_per_day: s
            .key("volume_btc_per_day", "Spot volume.")
            .unit("BTC/day")
            .range(Range::within(1.0, 1e9))
            .usual(1_000.0, 5e6, "S56: volumes that exchanges report; assumed above")
            .number(),
        volatility_per_sqrt_day: s
            .key("volatility_per_sqrt_day", "Volatility of the coin's price.")
            .unit("1/sqrt(day)")
            .source("D: 0.024-0.050")
            .prior(KeyPrior::uniform(0.024, 0.05, "D"))
            .range(Range::within(0.0, 10.0))
            .usual(0.01, 0.1, "A-44: 0.024-0.050")
            .number_or(0.035),
        permanent_share: s
            .key("permanent_share", "Share of an increment that stays.")
            .source("S32: 0-1")
            .prior(KeyPrior::uniform(0.0, 1.0, "S32"))
            .range(Range::within(0.0, 1.0))
            .number_or(0.1),
    }
}

fn multiplier(s: &mut Section<'_>, height: u64) -> ImpactLaw {
    ImpactLaw::Multiplier {
        multiplier: s
            .key("multiplier", "Relative fall of the price per relative sale of all coins.")
            .source("A: 1-10")
            .prior(KeyPrior::log_uniform(1.0, 10.0, "assumed"))
            .range(Range::within(0.0, 1e4))
            .usual(0.5, 30.0, "A-45: 1-10")
            .number_or(5.0),
        supply_btc: s
            .key("supply_btc", "All coins there are.")
            .unit("BTC")
            .derived("the coins issued up to the start")
            .range(Range::within(1e3, 21e6))
            .usual(1e6, 2.1e7, "the schedule of subsidies")
            .number_or(issued_through(height).btc()),
    }
}

fn flow(s: &mut Section<'_>) -> Flow {
    s.key("flow", "Which sales move the price: those that exceed what is expected (the mean of 90 days), or the total.")
        .source("section 7.9")
        .choice_or("excess", &[("excess", Flow::Excess), ("total", Flow::Total)])
}
