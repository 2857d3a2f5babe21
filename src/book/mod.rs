//! The book: what the model is, what it assumes, how the code is laid out, and its terms.

#[doc = include_str!("model.md")]
pub mod model {}

#[doc = include_str!("columns.md")]
pub mod columns {}

#[doc = include_str!("difficulty.md")]
pub mod difficulty {}

#[doc = include_str!("assumptions.md")]
pub mod assumptions {}

#[doc = include_str!("architecture.md")]
pub mod architecture {}

#[doc = include_str!("performance.md")]
pub mod performance {}

#[doc = include_str!("experiments.md")]
pub mod experiments {}

#[doc = include_str!("protocol.md")]
pub mod protocol {}

#[doc = include_str!("calibration.md")]
pub mod calibration {}

#[doc = include_str!("validation.md")]
pub mod validation {}

#[doc = include_str!("claims.md")]
pub mod claims {}

#[doc = include_str!("rolling.md")]
pub mod rolling {}

#[doc = include_str!("tutorial.md")]
pub mod tutorial {}

#[doc = include_str!("glossary.md")]
pub mod glossary {}

#[cfg(test)]
mod tests;
