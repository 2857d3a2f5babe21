//! `report.html`: the answer, charts that answer to the pointer, the scenario and where it all comes from, in one file that
//! needs no network.

mod answer;
mod assumptions;
mod block;
mod columns;
mod compare;
mod explorer;
pub(super) mod origin;
mod placed;
mod plain;
mod run;
mod score;
mod sweep;
mod template;

pub use answer::in_markdown as answer_in_markdown;
pub(super) use compare::comparison;
pub use compare::run_names;
pub(super) use plain::plain_page;
pub use plain::{Plain, PlainTable};
pub use run::run_page;
pub(super) use run::{gathering, page_of_run};
pub(super) use sweep::sweep_page;
