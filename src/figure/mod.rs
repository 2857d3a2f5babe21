//! Charts and pages of what [`crate::report`] has read.
//!
//! A chart is described once, as a [`Figure`]: panels, layers, events and words. `svg` draws it for paper, `png` makes a bitmap of that,
//! and `uplot` hands it to the page's script. So a new chart of a run is a file in `run/` with a function that makes its `Figure`, and a
//! line in `run/mod.rs`; it is then in `charts/` and on the page, on the screen and in print. A chart with a shape that [`Shape`] does not
//! have touches `parts.rs`, `svg/layers.rs`, `uplot.rs` and `page/plot.js` too.

mod charts;
mod drawing;
mod finished;
mod instant;
mod parts;
mod svg;
mod write;

mod calibrate;
mod page;
mod png;
pub mod run;
pub mod style;
pub mod supply;
pub(crate) mod sweep;
mod uplot;

#[cfg(test)]
mod tests;

pub use charts::PAGE;
pub use drawing::Drawing;
pub use finished::{Finished, Redrawn, compare};
pub use page::{Plain, PlainTable, answer_in_markdown, run_names, run_page};
pub use parts::{Across, Course, Dash, Figure, Layer, Mark, Panel, Part, Shape, Sign, Weight};
pub use style::{FigureSize, FigureStyle};
pub use svg::draw;
