use crate::{
    declare::{Key, Params, ReadKeys},
    mechanism::consolidation::params::ConsolidationParams,
    scenario::section::Section,
};

/// Reads `[consolidation]`; a firm is bought with its machines, at the price of their market.
pub fn consolidation(s: &mut Section<'_>, machines_have_prices: bool) -> Option<ConsolidationParams> {
    let doc = "Whether firms are bought by others; needs `[rigs.reduced]` or `[rigs.auction]` for the price of their machines.";
    let enabled = s.boolean_or(Key::new("enabled", doc).source("design"), false);
    let params = ConsolidationParams::read(s);
    if enabled && !machines_have_prices {
        s.refuse(
            "scenario::missing",
            format!("`{}` is true, but machines have no market", s.name_of("enabled")),
            ("enabled", "firms are bought at the market's price of their machines".to_owned()),
            "add `[rigs.reduced]` or `[rigs.auction]`",
        );
    }
    enabled.then_some(params)
}
