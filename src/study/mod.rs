//! The studies of a scenario, each as a function: [`simulate`], [`run`](run()), [`sweep`](sweep()), [`merge`],
//! [`score`](score::score()), [`sensitivity`](sensitivity::sensitivity()), [`calibrate`](calibrate::calibrate()),
//! [`nowcast`](nowcast::nowcast()) and [`check`](check()).
//!
//! Most functions take an [`Input`] (a scenario with changes), a destination ([`Memory`], a result [`Folder`], or the caller's
//! own [`Destination`]) and [`Work`] (number of threads, progress reports, and a flag to stop). They fail with a [`StudyError`].
//! Studies do not depend on a terminal; charts are drawn by the object that the caller passes as [`Draw`].
//!
//! All studies use one queue: numbered items (a replica; a point and a replica of a sweep; a particle of a calibration) are
//! processed in parallel and passed to a [`Sink`] in the order of their numbers, for any number of threads.

mod ablate;
pub mod calibrate;
mod check;
mod design;
mod design_kind;
pub mod dictionary;
mod directions;
mod draw;
mod ensemble;
mod error;
mod estimate;
mod experiment;
mod factor;
mod finished;
mod input;
pub mod nowcast;
mod phases;
mod prcc;
mod questions;
mod queue;
pub mod rolling;
mod run;
pub mod score;
pub mod sensitivity;
mod sink;
mod sobol;
mod sweep;
mod uncertainty;
mod work;
mod written;

pub use crate::output::{
    failures::{Failures, MOST_REASONS, Reason},
    sink::{HistoryAddress, Lost, Sink},
};
pub use ablate::{Ablated, ablate};
pub use calibrate::{CalibrateOptions, Posterior};
pub use check::{Checked, Estimate, check, checked_json};
pub use design::Design;
pub use design_kind::{DesignError, DesignKind};
pub use draw::{CALIBRATION, Draw, DrawError, DrawRun, Kind};
pub use ensemble::EnsembleError;
#[doc(hidden)]
pub use ensemble::{Ensemble, run_ensemble};
pub use error::{Fault, StudyError};
pub(crate) use experiment::{Experiment, Inputs};
pub use experiment::{Loader, Shard, SweepError};
pub use factor::{Factor, Levels};
pub(crate) use finished::whole;
#[cfg(feature = "cli")]
pub(crate) use finished::{json_of, manifest_of, text_of};
pub use input::{Input, name_of};
pub use nowcast::NowcastOptions;
pub use questions::Questions;
pub use queue::QueueReport;
pub(crate) use queue::{QueueError, run_queue};
pub use run::{
    Destination, Events, Folder, FolderOutcome, Memory, MemoryTable, OpenRun, Results, Run, RunOptions, run, simulate,
};
pub use sink::ReplicaError;
pub(crate) use sink::guarded;
pub use sweep::{JobArray, Listed, MergeError, OpenSweep, Sweep, SweepOptions, SweepResults, merge, sweep};
pub use work::{Note, Watch, Work};
pub(crate) use written::refused_sweep;
#[doc(hidden)]
pub use written::{Written, written_design};
