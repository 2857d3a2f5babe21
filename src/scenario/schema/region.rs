use crate::{
    declare::{Params, ReadKeys},
    power::RegionParams,
    scenario::section::Section,
};

/// Reads every `[region.NAME]`.
pub fn regions(s: &mut Section<'_>) -> Vec<RegionParams> {
    let doc =
        "A region by name: its share of the network, and the CO2, seasons, spot prices and contracts of its power.";
    let mark = s.reading.mark();
    let regions = s.each("region", doc, &RegionParams::read);
    if s.reading.clean_since(mark) {
        let share = |region: &RegionParams| (region.share, format!("region.{}.share", region.name));
        let shares: Vec<_> = regions.iter().map(share).collect();
        s.at_most_one("the shares of regions", &shares, "the remaining share of the network is in `world`");
    }
    regions
}
