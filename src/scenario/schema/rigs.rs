use crate::{
    declare::{KeyKind, Params, ReadKeys},
    market::rigs::{AuctionParams, Pricing, ReducedParams, RigParams},
    scenario::section::Section,
};

/// Reads `[rigs]`.
pub fn rigs(s: &mut Section<'_>) -> Option<RigParams> {
    let with = |pricing, s: &mut Section<'_>| Some(RigParams::read_with(s, pricing));
    s.kind(
        Some("none"),
        &[
            KeyKind {
                name: "none",
                doc: "Used machines are not traded; the machines of a failed firm leave the network.",
                read: &|_| None,
            },
            KeyKind {
                name: "reduced",
                doc: "Prices of machines follow hashprice with a lag, with one elasticity for each generation.",
                read: &|s| {
                    let pricing = Pricing::Reduced(ReducedParams::read(s));
                    with(pricing, s)
                },
            },
            KeyKind {
                name: "auction",
                doc: "Each model is auctioned once a week at a uniform price to miners with spare cash and spare power and to outside buyers.",
                read: &|s| {
                    let pricing = Pricing::Auction(AuctionParams::read(s));
                    with(pricing, s)
                },
            },
        ],
    )
    .flatten()
}
