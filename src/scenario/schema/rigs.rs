use crate::{
    declare::{KeyKind, Params, ReadKeys},
    market::rigs::{AuctionParams, Pricing, ReducedParams, RigParams},
    scenario::section::Section,
};

/// Reads `[rigs]`; the volatility of hashprice is that of `[operation]`.
pub fn rigs(s: &mut Section<'_>, volatility_per_sqrt_day: f64) -> Option<RigParams> {
    let with = |pricing, s: &mut Section<'_>| Some(RigParams::read_with(s, (pricing, volatility_per_sqrt_day)));
    s.kind(
        Some("none"),
        &[
            KeyKind {
                name: "none",
                doc: "No machine changes hands; those of a failed firm leave the network.",
                read: &|_| None,
            },
            KeyKind {
                name: "reduced",
                doc: "Prices of machines follow hashprice with a lag, by an elasticity for each generation.",
                read: &|s| {
                    let pricing = Pricing::Reduced(ReducedParams::read(s));
                    with(pricing, s)
                },
            },
            KeyKind {
                name: "auction",
                doc: "Machines are auctioned once a week, each model at one price, to miners with cash and power to spare and to buyers outside.",
                read: &|s| {
                    let pricing = Pricing::Auction(AuctionParams::read(s));
                    with(pricing, s)
                },
            },
        ],
    )
    .flatten()
}
