//! Randomness is addressed, not sequenced: every draw belongs to (seed, replica, purpose, agent). A draw
//! added for one purpose or one miner does not change any other, and every thread or shard draws equal numbers.
//!
//! Transcendental functions come from the `libm` crate, which is the same Rust code on every platform, so a seed
//! gives the same bytes everywhere. For this reason the samplers of `rand_distr` that call `ln` or `exp` are not used.

mod draw;
mod mass;
mod process;
mod stream;

pub use draw::Draw;
pub use process::{beta, binomial, exponential, gamma, lognormal, pareto, poisson, standard_normal};
pub use stream::{Purpose, Stream, name_hash, name_hash_on, stream};
