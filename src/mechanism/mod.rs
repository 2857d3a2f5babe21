//! The mechanisms, each in a folder of its own: `rule.rs` holds pure rules, `act.rs` applies them to the [`World`](crate::world::World), `params.rs`
//! holds its parameters. No mechanism imports another: state shared by two of them is in the world.

pub mod consolidation;
pub mod credit;
pub mod disruption;
pub mod distress;
pub mod equity;
pub mod growth;
pub mod operate;
pub mod other_use;
pub mod power;
pub mod price_impact;
pub mod second_hand;
pub mod treasury;
pub mod wear;
