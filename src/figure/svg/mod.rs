//! A figure as SVG, for a column or a page of a paper.
//!
//! plotters writes the SVG. Its own axes and legends are not used: they take the sizes of texts from a font that the reader may not
//! have, put legends onto the data, know no axis of months, and let labels overlap or be cut. Here everything is laid out in millimetres
//! on paper, from estimated widths that are on the safe side.

mod calendar;
mod foot;
mod layers;
mod simplify;

pub(super) mod axis;
pub(super) mod canvas;
pub(super) mod frame;
pub(super) mod legend;
pub(super) mod sheet;

pub use sheet::draw;
