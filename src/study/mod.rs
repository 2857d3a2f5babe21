//! Many histories: replicas run in parallel, handed out and written in order.
//!
//! [`run_queue`] runs any numbered items (a replica; a point and a replica of a sweep; a shard's part of either) and hands their
//! outputs to a [`Sink`] in the order of their numbers, whatever the threads. [`run_ensemble`] is that for replicas.

pub mod calibrate;
mod check;
mod design;
mod directions;
mod draw;
mod ensemble;
mod error;
mod experiment;
mod factor;
mod failures;
mod finished;
mod input;
pub mod nowcast;
mod phases;
mod questions;
mod queue;
pub mod rolling;
mod run;
pub mod score;
pub mod sensitivity;
mod sink;
mod sobol;
mod sweep;
mod work;
mod written;

pub use calibrate::{CalibrateOptions, Posterior};
pub use check::{Checked, Estimate, check};
pub use design::{Design, DesignError, DesignKind, MORRIS_LEVELS, MORRIS_STEP, MOST_BASE_SAMPLES, MOST_POINTS};
pub use draw::{Draw, DrawError, Kind};
pub use ensemble::{Ensemble, EnsembleError, run_ensemble};
pub use error::{Fault, StudyError};
pub use experiment::{Experiment, Inputs, Loader, Prepared, Shard, SweepError};
pub use factor::{Factor, Levels};
pub use failures::{Failures, MOST_REASONS, Reason};
pub use finished::{manifest_of, whole};
pub use input::Input;
pub use nowcast::NowcastOptions;
pub use questions::Questions;
pub use queue::{QueueError, QueueReport, WINDOW_PER_THREAD, run_queue};
use run::open_partial;
pub use run::{
    Destination, Events, Folder, FolderOutcome, Memory, MemoryTable, OpenRun, Results, Run, RunOptions, run, simulate,
};
pub use sink::{HistoryAddress, Lost, ReplicaError, Sink, guarded};
pub use sobol::{DIMENSIONS as SOBOL_DIMENSIONS, SobolSequence};
pub use sweep::{OpenSweep, Sweep, SweepOptions, SweepResults, merge, sweep};
pub use work::{Note, Watch, Work};
pub use written::{Written, refused_sweep, written_design};
