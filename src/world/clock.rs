use crate::units::{DAY_S, Seconds};

/// The time of a history.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now, s from the start.
    pub now: f64,
    /// The last instant, s from the start.
    pub end: f64,
    /// Steps taken. Instants are multiples of the step, so that rounding does not add up.
    pub ticks: u64,
    /// Days that are over.
    pub days: u64,
    /// Days on which machines have arrived.
    pub opened: u64,
}

impl Clock {
    /// At the start of a history that ends at `end`.
    #[must_use]
    pub const fn new(end: Seconds) -> Self {
        Self { now: 0.0, end: end.get(), ticks: 0, days: 0, opened: 0 }
    }

    /// Whether the last instant has come.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.now >= self.end
    }

    /// The instant at which the present day ends, s. Less than a second at the end of the run is no day of its own.
    #[must_use]
    pub fn next_day(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "days of a run")]
        let day = (self.days + 1) as f64 * DAY_S;
        if self.end - day < 1.0 { self.end } else { day }
    }
}
