use crate::{
    market::rigs::{AuctionParams, Generations, Pricing, ReducedParams, RigParams, ValueParams},
    scenario::{
        problem::Problem,
        section::{Kind, Section},
        shape::{KeyPrior, Range},
    },
};

/// Reads `[rigs]`; the volatility of hashprice is that of `[operation]`.
pub fn rigs(s: &mut Section<'_>, volatility_per_sqrt_day: f64) -> Option<RigParams> {
    let with = |pricing, s: &mut Section<'_>| Some(terms(s, pricing, volatility_per_sqrt_day));
    s.kind(
        Some("none"),
        &[
            Kind {
                name: "none",
                doc: "No machine changes hands; those of a failed firm leave the network.",
                read: &|_| None,
            },
            Kind {
                name: "reduced",
                doc: "Prices of machines follow hashprice with a lag, by an elasticity for each generation.",
                read: &|s| {
                    let pricing = Pricing::Reduced(reduced(s));
                    with(pricing, s)
                },
            },
            Kind {
                name: "auction",
                doc: "Machines are auctioned once a week, each model at one price, to miners with cash and power to spare and to buyers outside.",
                read: &|s| {
                    let pricing = Pricing::Auction(auction(s));
                    with(pricing, s)
                },
            },
        ],
    )
    .flatten()
}

fn reduced(s: &mut Section<'_>) -> ReducedParams {
    let mut elasticity = |key, doc, default| {
        s.key(key, doc)
            .source("D from S9: ±0.3")
            .range(Range::within(0.0, 10.0))
            .usual(0.3, 3.0, "A-83, S9: 0.9-1.7")
            .number_or(default)
    };
    let elasticity = [
        elasticity("elasticity_new", "Elasticity of the price of new machines to hashprice.", 1.36),
        elasticity(
            "elasticity_mid",
            "Elasticity of the price of machines of the middle generation to hashprice.",
            1.44,
        ),
        elasticity("elasticity_old", "Elasticity of the price of old machines to hashprice.", 1.22),
    ];
    let mut price = |key, doc| {
        s.key(key, doc)
            .unit("USD/(TH/s)")
            .range(Range::positive(1e6))
            .usual(0.1, 200.0, "A-48, S9, S10: 15-119 new, less used")
            .optional_number()
    };
    let reference_usd_per_th = [
        price(
            "price_new_usd_per_th",
            "Price of new machines at the start; without it what they are worth to a buyer outside.",
        ),
        price(
            "price_mid_usd_per_th",
            "Price of the middle generation at the start; without it what they are worth to a buyer outside.",
        ),
        price(
            "price_old_usd_per_th",
            "Price of old machines at the start; without it what they are worth to a buyer outside.",
        ),
    ];
    let half_life_days = s
        .key("half_life_days", "Of the way from the price to where hashprice says it is going.")
        .unit("d")
        .source("S10: 7-35")
        .prior(KeyPrior::uniform(7.0, 35.0, "S10"))
        .range(Range::positive(3650.0))
        .usual(2.0, 120.0, "A-83, S10: 7-35")
        .number_or(14.0);
    ReducedParams { elasticity, reference_usd_per_th, half_life_days }
}

fn auction(s: &mut Section<'_>) -> AuctionParams {
    AuctionParams {
        outside_share_per_week: s
            .key("outside_share_per_week", "Share of a model's machines of the start that buyers outside take a week at what a machine is worth to them.")
            .source("A: 0.0005-0.01")
            .prior(KeyPrior::log_uniform(0.0005, 0.01, "assumed"))
            .range(Range::within(0.0, 1.0)).usual(0.0001, 0.05, "A-84: 0.0005-0.01")
            .number_or(0.002),
        ask_fall_per_week: s
            .key("ask_fall_per_week", "Share by which the ask for an unsold machine falls in a week.")
            .source("section 7.18, A")
            .range(Range::within(0.0, 1.0)).usual(0.01, 0.5, "A-84")
            .number_or(0.10),
    }
}

/// What both have in common.
fn terms(s: &mut Section<'_>, pricing: Pricing, volatility_per_sqrt_day: f64) -> RigParams {
    let value = ValueParams {
        discount_per_year: s
            .key("discount_per_year", "Discount rate at which the days to come of a machine are valued.")
            .unit("1/year")
            .source("section 7.18, A: 0.10-0.40")
            .prior(KeyPrior::uniform(0.1, 0.4, "section 7.18, assumed"))
            .range(Range::within(0.0, 10.0))
            .usual(0.03, 0.6, "A-81: 0.10-0.40")
            .number_or(0.20),
        decline_per_year: s
            .key("hashprice_decline_per_year", "Rate at which hashprice is expected to fall.")
            .unit("1/year")
            .source("D: 0.10-0.45")
            .prior(KeyPrior::uniform(0.1, 0.45, "D"))
            .range(Range::within(-1.0, 10.0))
            .usual(-0.5, 0.8, "A-81: 0.10-0.45")
            .number_or(0.23),
        volatility_per_sqrt_day,
        horizon_days: s
            .key("horizon_days", "Life left of a machine that a buyer pays for.")
            .unit("d")
            .source("section 7.18")
            .range(Range::within(1.0, 3650.0))
            .usual(180.0, 2500.0, "A-81; S3: five years")
            .number_or(1095.0),
    };
    let params = RigParams {
        pricing,
        value,
        outside_power_price_usd_per_kwh: s
            .key("outside_power_price_usd_per_kwh", "Price of power where buyers outside run machines.")
            .unit("USD/kWh")
            .source("section 7.18, A: 0.02-0.03")
            .prior(KeyPrior::uniform(0.02, 0.03, "section 7.18, assumed"))
            .range(Range::within(0.0, 100.0)).usual(0.005, 0.1, "A-82: 0.02-0.03")
            .number_or(0.025),
        scrap_usd_per_th: s
            .key("scrap_usd_per_th", "What a machine is worth as scrap.")
            .unit("USD/(TH/s)")
            .source("section 7.18, A: 0.3-1")
            .prior(KeyPrior::uniform(0.3, 1.0, "section 7.18, assumed"))
            .range(Range::positive(1e6)).usual(0.02, 5.0, "A-82: 0.3-1")
            .number_or(0.5),
        broker_fee: s
            .key("broker_fee", "What the seller pays the broker, as a share of the price.")
            .source("section 7.18, A")
            .range(Range::within(0.0, 1.0)).usual(0.001, 0.2, "A-82")
            .number_or(0.03),
        transport_days: s
            .key("transport_days", "From sale to the buyer's site, installation included.")
            .unit("d")
            .source("section 7.18, A")
            .range(Range::within(0.0, 3650.0)).usual(1.0, 180.0, "A-82")
            .number_or(30.0),
        freight_usd_per_th: s
            .key("freight_usd_per_th", "What the buyer pays for freight and installation.")
            .unit("USD/(TH/s)")
            .source("section 7.18, A")
            .range(Range::within(0.0, 1e6)).usual(0.05, 20.0, "A-82")
            .number_or(1.0),
        cohort_exit_days: s
            .key("cohort_exit_days", "A lot that a cohort (a class with a weight above 1) has kept off for longer is sold, and as many of its miners leave.")
            .unit("d")
            .source("section 7.18, A")
            .range(Range::within(0.0, 36_500.0)).usual(14.0, 1000.0, "A-82")
            .number_or(120.0),
        generations: Generations {
            new_below_j_per_th: s
                .key("new_below_j_per_th", "Machines below are of the new generation.")
                .unit("J/TH")
                .source("S9")
                .range(Range::positive(1e6)).usual(10.0, 100.0, "A-83, S9")
                .number_or(38.0),
            old_from_j_per_th: s
                .key("old_from_j_per_th", "Machines from here on are of the old generation.")
                .unit("J/TH")
                .source("S9")
                .range(Range::positive(1e6)).usual(10.0, 150.0, "A-83, S9")
                .number_or(68.0),
        },
    };
    let Generations { new_below_j_per_th, old_from_j_per_th } = params.generations;
    if new_below_j_per_th > old_from_j_per_th {
        let problem = Problem::new(
            "scenario::order",
            format!("`{}` is above `{}`", s.name_of("new_below_j_per_th"), s.name_of("old_from_j_per_th")),
        );
        s.report(
            problem
                .at(
                    s.place_of("new_below_j_per_th").or(s.place_of("old_from_j_per_th")),
                    format!("must not be above {old_from_j_per_th}"),
                )
                .help("new machines need less energy per hash than old ones"),
        );
    }
    params
}
