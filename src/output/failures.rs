//! A tally of what could not be run.

/// The number of different reasons that are counted separately.
pub const MOST_REASONS: usize = 3;

/// How many could not be run, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failures {
    /// The number of items that could not be run.
    pub count: u64,
    /// The number of these that are bugs of shakeout.
    pub bugs: u64,
    /// Reasons in the order in which they first appear, at most [`MOST_REASONS`].
    pub reasons: Vec<Reason>,
}

/// A reason, and how often it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What it was given for first, such as `point 2, replica 0`.
    pub first: String,
    /// The reason in words.
    pub reason: String,
    /// The number of times that it was given.
    pub count: u64,
}

impl Failures {
    /// Counts one more; what it was is asked for only where the reason is new.
    pub fn add(&mut self, reason: &str, is_bug: bool, what: impl FnOnce() -> String) {
        self.count += 1;
        self.bugs += u64::from(is_bug);
        if let Some(known) = self.reasons.iter_mut().find(|known| known.reason == reason) {
            known.count += 1;
        } else if self.reasons.len() < MOST_REASONS {
            self.reasons.push(Reason { first: what(), reason: reason.to_owned(), count: 1 });
        }
    }

    /// The reasons, a line each, such as `replica 3: no lot runs (12 times)`; and how many have others.
    #[must_use]
    pub fn lines(&self) -> String {
        let mut told = 0;
        let mut lines = Vec::new();
        for Reason { first, reason, count } in &self.reasons {
            told += count;
            let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
            lines.push(format!("  {first}: {reason}{times}"));
        }
        if told < self.count {
            lines.push(format!("  and {} for other reasons", self.count - told));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_reasons_are_shown() {
        let mut failures = Failures::default();
        for replica in 0..7 {
            let reason = format!("reason {}", if replica == 6 { 1 } else { replica });
            failures.add(&reason, replica == 2, || format!("replica {replica}"));
        }
        assert_eq!((failures.count, failures.bugs), (7, 1));
        assert_eq!(
            failures.lines(),
            "  replica 0: reason 0\n  replica 1: reason 1 (2 times)\n  replica 2: reason 2\n  and 3 for other reasons"
        );
    }
}
