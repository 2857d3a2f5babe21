use crate::{
    declare::{Key, ReadKeys},
    scenario::{RunParams, Step, problem::Problem, section::Section},
    units::{Days, Seconds, UnixTime},
};

/// Maximum number of steps in one replica.
const MOST_TICKS: f64 = 1e7;

/// The run; if its table has problems, dates are not checked against it.
pub struct Horizon {
    /// Its parameters.
    pub run: RunParams,
    known: bool,
}

impl Horizon {
    /// Whether its dates are known.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// First instant.
    pub fn start(&self) -> UnixTime {
        self.run.start
    }

    /// Last instant.
    pub fn end(&self) -> UnixTime {
        self.run.start.after(self.run.days.into())
    }

    /// Whether a date is before the run.
    pub fn is_before(&self, date: UnixTime) -> bool {
        self.known && date < self.start()
    }

    /// Whether a date is after the run.
    pub fn is_after(&self, date: UnixTime) -> bool {
        self.known && date >= self.end()
    }
}

/// Reads `[run]`.
pub fn run(s: &mut Section<'_>) -> Horizon {
    let mark = s.reading.mark();
    let start =
        s.date(Key::new("start", "First instant: a day (midnight UTC) or an instant such as 2018-09-20T12:00:00Z."));
    let days = s.number(Key::new("days", "Length of the run.").unit("d").positive(36_500.0));
    let step = s.parsed_or(Key::new("step", "Interval at which information and decisions are updated: a duration that divides a day (1d, 6h, 1h, 30min), or `block`.").source("design"), Step::Every(Seconds::new(86_400.0)), write_step, parse_step);
    let replicas =
        s.integer_or(Key::new("replicas", "Number of simulated histories.").source("design").within(1.0, 1e8), 200);
    let seed = s.integer_or(Key::new("seed", "Seed of all random numbers.").source("design"), 1);
    let ticks = match step {
        Step::Every(step) => days * 86_400.0 / step.get(),
        Step::Block => days * 144.0,
    };
    if s.reading.clean_since(mark) && ticks > MOST_TICKS {
        let problem =
            Problem::new("scenario::range", format!("the run has {ticks:.0} steps, more than {MOST_TICKS:e}"));
        s.report(problem.at(s.place_of("step"), "too short a step").help("lengthen `run.step` or shorten `run.days`"));
    }
    let known = s.reading.clean_since(mark) && !s.is_quiet();
    Horizon { run: RunParams { start, days: Days::new(days), step, replicas, seed }, known }
}

fn parse_step(text: &str) -> Result<Step, String> {
    if text == "block" {
        return Ok(Step::Block);
    }
    let form = || "`block`, or a duration that divides a day, such as 1d, 6h or 30min".to_owned();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (count, unit) = text.split_at(digits);
    let unit = match unit.trim() {
        "d" => 86_400,
        "h" => 3_600,
        "min" => 60,
        "s" => 1,
        _ => return Err(form()),
    };
    let seconds = count.parse::<u32>().ok().and_then(|count| count.checked_mul(unit)).ok_or_else(form)?;
    if seconds == 0 || 86_400 % seconds != 0 {
        return Err(form());
    }
    Ok(Step::Every(Seconds::new(f64::from(seconds))))
}

fn write_step(step: &Step) -> String {
    let Step::Every(step) = step else { return "block".to_owned() };
    let seconds = step.get();
    for (unit, size) in [("d", 86_400.0), ("h", 3_600.0), ("min", 60.0)] {
        if seconds % size == 0.0 {
            return format!("{}{unit}", seconds / size);
        }
    }
    format!("{seconds}s")
}
