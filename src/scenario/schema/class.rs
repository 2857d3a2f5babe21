use crate::{
    declare::Params,
    scenario::{section::Section, tree::Place},
    world::ClassParams,
};

/// A class, with the places of its share and of its number of firms.
pub struct Class {
    /// Its parameters.
    pub params: ClassParams,
    /// Place of its share.
    pub share_at: Option<Place>,
    /// Place of its number of firms.
    pub firms_at: Option<Place>,
    /// Whether it has regions of its own.
    pub is_placed: bool,
}

/// Reads one `[class.NAME]`.
pub fn class(s: &mut Section<'_>) -> Class {
    let params = ClassParams::read(s);
    let is_placed = s.entry("region").is_some() || !params.regions.is_empty();
    Class { params, share_at: s.place_of("share"), firms_at: s.place_of("firms"), is_placed }
}
