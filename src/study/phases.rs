use crate::output::manifest::Manifest;
use std::time::{Duration, Instant};

/// The duration of each phase. Two result folders of one plan differ only in these.
#[derive(Clone, Debug)]
pub struct Phases {
    since: Instant,
    took: Vec<(&'static str, Duration)>,
}

impl Phases {
    #[expect(clippy::disallowed_methods, reason = "timings are in the manifest alone")]
    pub fn begin() -> Self {
        Self { since: Instant::now(), took: Vec::new() }
    }

    #[expect(clippy::disallowed_methods, reason = "timings are in the manifest alone")]
    pub fn end(&mut self, phase: &'static str) {
        let now = Instant::now();
        self.took.push((phase, now - self.since));
        self.since = now;
    }

    pub fn told_in(&self, manifest: Manifest) -> Manifest {
        self.took.iter().fold(manifest, |manifest, &(phase, took)| manifest.with_timing(phase, took))
    }
}
