use super::{failure::Failure, options::ScenarioOptions, terminal};
use crate::{
    scenario::{Problems, Resolved, Scenario, Step},
    simulation::Engine,
    study::{Loader, Questions, Work, calibrate, refused_sweep, written_design},
    units::Seconds,
    world::PopulationParams,
};
use clap::Args;

/// Find every problem of a scenario at once.
#[derive(Debug, Args)]
pub struct Check {
    #[command(flatten)]
    scenario: ScenarioOptions,
    /// Take what is questioned in the scenario for errors
    #[arg(long)]
    deny_warnings: bool,
}

/// Seconds to make a lot, and to have it weigh its choice at a step; bytes of a lot's and a firm's columns. Measured on a
/// 2.5 GHz core (`cargo bench --bench ensemble`); an estimate within a factor of three is what they are for.
const LOT_S: f64 = 4e-7;
const LOT_STEP_S: f64 = 5e-10;
const STEP_S: f64 = 1.5e-6;
const LOT_BYTES: f64 = 160.0;
const FIRM_BYTES: f64 = 260.0;
/// Bytes of a row of csv, by table.
const ROW_BYTES: f64 = 190.0;

/// Whether the miners can begin at all is found out by making them, where that takes less than a second.
const MOST_LOTS_TRIED: f64 = 1e6;

impl Check {
    pub fn call(&self) -> Result<(), Failure> {
        let input = self.scenario.input();
        let load = input.loader();
        let resolved = load(&[], None)?;
        refused(&resolved, &load)?;
        let questions = questions(&resolved, &load);
        let mut screen = terminal::Screen::new(false);
        let mut work = Work::new().watched_by(&mut screen);
        work.deny_warnings = self.deny_warnings;
        questions.tell(&mut work)?;
        drop(work);
        let estimate = Estimate::of(&resolved.scenario);
        if estimate.lots <= MOST_LOTS_TRIED {
            let engine = Engine::new(&resolved.scenario, false).map_err(|error| questions.cause_of(error))?;
            can_begin(&engine, resolved.scenario.run.replicas, &questions)?;
        }
        let text = format!(
            "{}: no problems{}\n{} firms, {} lots, {} steps, {} replicas\nabout {} on one core, {} of memory a thread, {} of csv\n",
            self.scenario.scenario.display(),
            questioned(&questions),
            estimate.firms,
            estimate.lots,
            estimate.steps,
            resolved.scenario.run.replicas,
            duration(estimate.seconds),
            bytes(estimate.memory),
            bytes(estimate.disk),
        );
        terminal::print(&text)
    }
}

/// What other commands would refuse of the file, all at once: its patches, its history, what is to be fitted, and its design.
fn refused(resolved: &Resolved, load: &Loader<'_>) -> Result<(), Problems> {
    let variants = resolved.variants().into_iter().filter_map(|variant| load(&[], Some(variant)).err());
    let observed = resolved.observed_elsewhere();
    let designs = [calibrate::refused(resolved, load), refused_sweep(resolved, load)];
    let all = variants.chain(observed).chain(designs.into_iter().flatten());
    all.reduce(Problems::and).map_or(Ok(()), Err)
}

/// What is questioned in the scenario, in its variants, and at the levels of its own design.
fn questions(resolved: &Resolved, load: &Loader<'_>) -> Questions {
    let mut questions = Questions::of(resolved);
    for variant in resolved.variants() {
        if let Ok(form) = load(&[], Some(variant)) {
            questions.add_variant(resolved, variant, &form);
        }
    }
    if let Ok(design) = written_design(resolved) {
        questions.add_design(resolved, &design.factors, load);
    }
    questions
}

/// How many warnings and notes there are, as the end of "no problems".
fn questioned(questions: &Questions) -> String {
    let counted = |count: usize, one: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {one}s")),
    };
    let (warnings, notes) = questions.count();
    let parts = counted(warnings, "warning").into_iter().chain(counted(notes, "note"));
    parts.fold(String::new(), |text, part| text + ", " + &part)
}

/// So many replicas are tried where the first cannot begin.
const MOST_REPLICAS_TRIED: u64 = 20;

/// Whether any replica can begin. Miners that are drawn may be none that can in one replica and be so in another; a run leaves that one out.
fn can_begin(engine: &Engine<'_>, replicas: u64, questions: &Questions) -> Result<(), Failure> {
    let Err(first) = engine.population(0) else { return Ok(()) };
    let tried = replicas.min(MOST_REPLICAS_TRIED);
    let failed = 1 + (1..tried).filter(|&replica| engine.population(replica).is_err()).count() as u64;
    if failed >= tried {
        return Err(questions.cause_of(first).into());
    }
    terminal::talk(&format!(
        "warning: {failed} of the first {tried} replicas cannot be run; a run notes them in failed.csv and leaves them out\n  \
         replica 0: {first}\n"
    ));
    Ok(())
}

/// What a run will take.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Estimate {
    firms: f64,
    lots: f64,
    steps: f64,
    seconds: f64,
    memory: f64,
    disk: f64,
}

impl Estimate {
    fn of(scenario: &Scenario) -> Self {
        let (firms, lots) = population(&scenario.population);
        let span = Seconds::from(scenario.run.days);
        let days = scenario.run.days.get();
        let steps = match scenario.run.step {
            Step::Every(step) => (span / step).ceil(),
            Step::Block => span / Seconds::new(600.0),
        };
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let replicas = scenario.run.replicas as f64;
        let a_run = lots * LOT_S + steps * (STEP_S + lots * LOT_STEP_S);
        let epochs = days / 14.0 + 1.0;
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let bins = crate::world::population::BIN_COUNT as f64;
        let rows = days + epochs * (1.0 + bins) + firms + 1.0;
        let events = replicas.min(20.0) * (lots * days / 2000.0);
        Self {
            firms,
            lots,
            steps,
            seconds: replicas * a_run,
            memory: lots * LOT_BYTES + firms * FIRM_BYTES,
            disk: (replicas * rows + events) * ROW_BYTES,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn population(params: &PopulationParams) -> (f64, f64) {
    match params {
        PopulationParams::Drawn { classes, fleet, .. } => {
            let firms: f64 = classes.iter().map(|class| f64::from(class.firms)).sum();
            let lots: f64 = fleet.iter().map(|model| if model.eco { 2.0 } else { 1.0 }).sum();
            (firms, firms * lots)
        }
        PopulationParams::Listed(rows) => {
            let firms: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.firm.as_str()).collect();
            (firms.len() as f64, rows.len() as f64)
        }
    }
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "a second".to_owned(),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.0} h", s / 3600.0),
    }
}

fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < 1e6 => format!("{:.0} kB", b / 1e3),
        b if b < 1e9 => format!("{:.0} MB", b / 1e6),
        b => format!("{:.1} GB", b / 1e9),
    }
}
