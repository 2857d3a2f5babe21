//! `shakeout._native`: the library calls of shakeout for Python. What a user sees is in `python/shakeout/`, which gives this its names,
//! defaults and documentation; here is only what has to be Rust.

mod arrow;
mod call;
mod columns;
mod failure;
mod frame;
mod studies;
mod words;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::frame::{NativeColumn, NativeFrame};
    #[pymodule_export]
    use super::studies::{
        calibrate, check, explain, history, nowcast, palette, run, save_posterior, save_run, save_sweep, score,
        sensitivity, shipped, shipped_text, sweep, tables_described,
    };
}
