use crate::units::{DAY_S, Seconds};

/// The time of a history.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Time from the start, s.
    pub now: f64,
    /// End of the history, s from the start.
    pub end: f64,
    /// Steps taken. Instants are multiples of the step, so that rounding errors do not accumulate.
    pub ticks: u64,
    /// Completed days.
    pub days: u64,
    /// Number of days on which machines have arrived.
    pub opened: u64,
}

impl Clock {
    /// The clock at the start of a history that ends at `end`.
    #[must_use]
    pub const fn new(end: Seconds) -> Self {
        Self { now: 0.0, end: end.get(), ticks: 0, days: 0, opened: 0 }
    }

    /// Whether the end has been reached.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.now >= self.end
    }

    /// End of the present day, s. Less than a second at the end of the run does not count as a day of its own.
    #[must_use]
    pub fn next_day(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "days of a run")]
        let day = (self.days + 1) as f64 * DAY_S;
        if self.end - day < 1.0 { self.end } else { day }
    }
}
