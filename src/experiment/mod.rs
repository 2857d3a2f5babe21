//! Many histories: replicas run in parallel, handed out and written in order.
//!
//! [`run_queue`] runs any numbered items (a replica; a point and a replica of a sweep; a shard's part of either) and hands their
//! outputs to a [`Sink`] in the order of their numbers, whatever the threads. [`run_ensemble`] is that for replicas.

mod ensemble;
mod queue;
mod sink;

pub use ensemble::{Ensemble, EnsembleError, run_ensemble};
pub use queue::{QueueError, QueueReport, WINDOW_PER_THREAD, run_queue};
pub use sink::{ReplicaError, Sink};
