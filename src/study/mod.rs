//! Many histories: replicas run in parallel, handed out and written in order.
//!
//! [`run_queue`] runs any numbered items (a replica; a point and a replica of a sweep; a shard's part of either) and hands their
//! outputs to a [`Sink`] in the order of their numbers, whatever the threads. [`run_ensemble`] is that for replicas.

pub mod calibrate;
mod design;
mod directions;
mod ensemble;
mod factor;
mod failures;
pub mod nowcast;
mod queue;
pub mod rolling;
pub mod score;
pub mod sensitivity;
mod sink;
mod sobol;
mod sweep;
mod written;

pub use design::{Design, DesignError, DesignKind, MORRIS_LEVELS, MORRIS_STEP, MOST_BASE_SAMPLES, MOST_POINTS};
pub use ensemble::{Ensemble, EnsembleError, run_ensemble};
pub use factor::{Factor, Levels};
pub use failures::{Failures, MOST_REASONS, Reason};
pub use queue::{QueueError, QueueReport, WINDOW_PER_THREAD, run_queue};
pub use sink::{HistoryAddress, Lost, ReplicaError, Sink, guarded};
pub use sobol::{DIMENSIONS as SOBOL_DIMENSIONS, SobolSequence};
pub use sweep::{Inputs, Loader, Prepared, Shard, Sweep, SweepError};
pub use written::{Written, refused_sweep, written_design};
