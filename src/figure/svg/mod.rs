//! A figure as SVG, for a column or a page of a paper. plotters writes the SVG; why its axes are not used stands in the book's chapter on
//! architecture. Everything is laid out in millimetres on paper, from estimated widths that are on the safe side.

mod calendar;
mod foot;
mod layers;
mod pairs;
mod rows;
mod simplify;

pub(super) mod axis;
pub(super) mod canvas;
pub(super) mod frame;
pub(super) mod legend;
pub(super) mod maps;
pub(super) mod sheet;

pub use sheet::draw;
