use crate::{
    declare::{Params, ReadKeys},
    power::RegionParams,
    scenario::{section::Section, shares::at_most_one},
};

/// Reads every `[region.NAME]`.
pub fn regions(s: &mut Section<'_>) -> Vec<RegionParams> {
    let doc =
        "A region by name: its share of the network, and the CO2, seasons, spot prices and contracts of its power.";
    let mark = s.reading.mark();
    let (regions, shares): (Vec<_>, Vec<_>) = s
        .each("region", doc, &|s| {
            let region = RegionParams::read(s);
            let share = (region.share, s.place_of("share"));
            (region, share)
        })
        .into_iter()
        .unzip();
    if s.reading.clean_since(mark) {
        at_most_one(s, "the shares of regions", &shares, "the remaining share of the network is in `world`");
    }
    regions
}
