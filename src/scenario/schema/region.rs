use super::shares::at_most_one;
use crate::{
    power::{Contract, RegionParams, Season, SpotCurve, SpotParams},
    scenario::{
        section::{Kind, Section},
        shape::{KeyPrior, Range},
        tree::Place,
    },
};

/// What a region's power costs and gives off; its CO2 is that of `[power]` where it says nothing.
pub struct Region {
    /// Its parameters; the emission is set when `[power]` has been read.
    pub params: RegionParams,
    /// Its own emission.
    pub emission_kg_per_kwh: Option<f64>,
}

/// Reads every `[region.NAME]`.
pub fn regions(s: &mut Section<'_>) -> Vec<Region> {
    let doc = "A region by name: its share of the network, CO2, seasons, spot prices and contracts of its power.";
    let mark = s.reading.mark();
    let regions = s.each("region", doc, &region);
    let shares: Vec<_> = regions.iter().map(|(region, at)| (region.params.share, *at)).collect();
    if s.reading.clean_since(mark) {
        at_most_one(s, "the shares of regions", &shares, "what is left of the network is in `world`");
    }
    regions.into_iter().map(|(region, _)| region).collect()
}

fn region(s: &mut Section<'_>) -> (Region, Option<Place>) {
    let name = s.last_name().to_owned();
    let share = s
        .key("share", "Share of the hashrate of every class that does not say itself where its sites are; what is left is in `world`.")
        .source("A")
        .range(Range::within(0.0, 1.0))
        .number_or(0.0);
    let share_at = s.place_of("share");
    let emission_kg_per_kwh = s
        .key("emission_kg_per_kwh", "CO2 per energy at the meter there; without it that of `[power]`.")
        .unit("kg/kWh")
        .range(Range::within(0.0, 10.0))
        .usual(0.01, 1.0, "A-17; grids 0.02-0.98")
        .optional_number();
    let amplitude = s
        .key(
            "season_amplitude",
            "Share by which power is cheaper there on the cheapest day, and dearer half a year later: hydro power.",
        )
        .source("section 7.13, S20: 0-0.25")
        .prior(KeyPrior::uniform(0.0, 0.25, "section 7.13, S20"))
        .range(Range { low: Some((0.0, false)), high: Some((1.0, true)) })
        .usual(0.01, 0.5, "A-72, S20: 0-0.25")
        .number_or(0.0);
    let cheapest_day = if amplitude > 0.0 || s.is_quiet() {
        s.key(
            "season_cheapest_day",
            "Day of the year on which it is cheapest; 227 is 15 August. For an amplitude above 0.",
        )
        .unit("d")
        .source("section 7.13")
        .range(Range::within(1.0, 366.0))
        .number_or(227.0)
    } else {
        227.0
    };
    let spot = s.written_table("spot", "Hourly prices there: a lognormal body and a Pareto tail.", spot);
    let contract = s.written_table(
        "contract",
        "The contract of all sites there, in place of their classes': one table, named by its kind.",
        |s| contract(s),
    );
    let params = RegionParams {
        name,
        share,
        emission_kg_per_kwh: 0.0,
        season: Season { amplitude, cheapest_day },
        spot: spot.flatten(),
        contract: contract.flatten(),
    };
    (Region { params, emission_kg_per_kwh }, share_at)
}

fn spot(s: &mut Section<'_>) -> Option<SpotCurve> {
    let mark = s.reading.mark();
    let price = Range::positive(1e3);
    let params = SpotParams {
        median_usd_per_kwh: s
            .key("median_usd_per_kwh", "Median of the hourly price.")
            .unit("USD/kWh")
            .source("section 7.13, A")
            .range(price)
            .usual(0.005, 0.2, "A-73: 0.025")
            .number_or(SpotParams::TEXAS.median_usd_per_kwh),
        log_sd: s
            .key("log_sd", "Standard deviation of the logarithm of the body.")
            .source("section 7.13, A")
            .range(Range::within(0.01, 5.0))
            .usual(0.1, 1.5, "A-73")
            .number_or(SpotParams::TEXAS.log_sd),
        tail_probability: s
            .key("tail_probability", "Share of hours in the tail.")
            .source("section 7.13, A; S16")
            .range(Range::within(0.0, 0.5))
            .usual(0.0005, 0.1, "A-73, S16: less than 0.03")
            .number_or(SpotParams::TEXAS.tail_probability),
        tail_index: s
            .key("tail_index", "Index of the Pareto tail: the smaller, the dearer the dear hours.")
            .source("section 7.13, A")
            .range(Range::within(0.1, 100.0))
            .usual(0.7, 5.0, "A-73")
            .number_or(SpotParams::TEXAS.tail_index),
        cap_usd_per_kwh: s
            .key("cap_usd_per_kwh", "The most the market lets power cost.")
            .unit("USD/kWh")
            .source("section 7.13, A")
            .range(price)
            .usual(0.5, 20.0, "A-73: 5 in Texas")
            .number_or(SpotParams::TEXAS.cap_usd_per_kwh),
    };
    s.reading.clean_since(mark).then(|| SpotCurve::new(params))
}

/// Reads a contract: a table named by its kind.
pub fn contract(s: &mut Section<'_>) -> Option<Contract> {
    s.kind(
        None,
        &[
            Kind {
                name: "fixed",
                doc: "The site's own price per kWh, which season, market and levies move.",
                read: &|s| Contract::Fixed { take_or_pay: due(s) },
            },
            Kind {
                name: "indexed",
                doc: "The hourly spot price of the region and an addition.",
                read: &|s| Contract::Indexed {
                    adder_usd_per_kwh: s
                        .key("adder_usd_per_kwh", "Grid fees and the supplier's margin.")
                        .unit("USD/kWh")
                        .source("A")
                        .range(Range::within(0.0, 10.0))
                        .usual(0.001, 0.08, "A-71")
                        .number_or(0.01),
                    responds: s
                        .key(
                            "responds",
                            "Whether machines are off in the hours in which power costs more than they mine.",
                        )
                        .source("section 7.13")
                        .boolean_or(true),
                },
            },
            Kind {
                name: "hosting",
                doc: "A host's rate for everything: the site's own price, crew and repair included.",
                read: &|s| Contract::Hosting {
                    take_or_pay: due(s),
                    pass_through: s
                        .key(
                            "pass_through",
                            "Whether the host passes on what season, market and levies do to its own price.",
                        )
                        .source("section 7.13, A")
                        .boolean_or(false),
                },
            },
            Kind {
                name: "captive",
                doc: "Power of one's own at the site's own price, which only the season moves.",
                read: &|s| Contract::Captive {
                    take_or_pay: s
                        .key("take_or_pay", "Share of its cost that is there with the machines off.")
                        .source("A: 0.3-0.8")
                        .prior(KeyPrior::uniform(0.3, 0.8, "assumed"))
                        .range(Range::within(0.0, 1.0))
                        .number_or(0.5),
                },
            },
            Kind {
                name: "ppa_resale",
                doc: "Power bought ahead at a strike; what is not used is sold at the region's spot price.",
                read: &|s| Contract::PpaResale {
                    strike_usd_per_kwh: s
                        .key("strike_usd_per_kwh", "What all of it costs, used or not.")
                        .unit("USD/kWh")
                        .source("section 7.13, S18")
                        .range(Range::within(0.0, 10.0))
                        .usual(0.01, 0.15, "A-71, S18")
                        .number_or(0.04),
                    ancillary_usd_per_kwh: s
                        .key(
                            "ancillary_usd_per_kwh",
                            "What the grid pays for load that it could call off, per kWh of it that runs.",
                        )
                        .unit("USD/kWh")
                        .source("section 7.13, A: 0.005-0.010")
                        .prior(KeyPrior::uniform(0.005, 0.01, "section 7.13, assumed"))
                        .range(Range::within(0.0, 1.0))
                        .usual(0.0005, 0.05, "A-71: 0.005-0.010")
                        .number_or(0.0075),
                },
            },
        ],
    )
}

fn due(s: &mut Section<'_>) -> Option<f64> {
    s.key("take_or_pay", "Share of the bill that is due with the machines off; without it that of `[power]`.")
        .range(Range::within(0.0, 1.0))
        .optional_number()
}
