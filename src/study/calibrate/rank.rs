use super::{
    Generation, RANK_DRAWS, RankTest, Sampler, Settings, adjusted, choose,
    fit::{Fit, Fitting, error_in_queue, histories},
    sheets::RANKS,
};
use crate::{
    output::{
        csv::{Cell, Rows, header, write_row},
        disk::write_whole,
        failed::{self, read_failures},
        keeping::Keeping,
        manifest::Manifest,
        read::{ReadError, Reader},
        table::TableFile,
    },
    random::{Purpose, name_hash, stream},
    study::{
        CALIBRATION, Folder, Kind, Lost, ReplicaError, StudyError, Work, dictionary::every_table, run::open_partial,
        run_queue,
    },
};
use rand::RngExt as _;
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
};

impl Fitting {
    /// Simulation-based calibration: draws true parameter values from the prior, simulates an observation for each, and ranks the
    /// truth among draws from the posterior of that observation. Returns the results as text; `None` if the folder was already
    /// finished.
    pub(super) fn rank(
        &self,
        fit: &Fit<'_>,
        truths: u64,
        folder: &Folder<'_>,
        work: &mut Work<'_>,
    ) -> Result<Option<String>, StudyError> {
        let names: Vec<String> = fit.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let ranks = names.iter().map(|name| format!("{name}_rank"));
        let columns: Vec<String> = names.iter().cloned().chain(ranks).collect();
        let columns = RANKS.names().chain(columns.iter().map(String::as_str));
        let files =
            [TableFile { name: "ranks".to_owned(), header: header(columns) }, failed::file(failed::CALIBRATION)];
        let (plan, canonical) = self.plan(fit, folder);
        let Some(mut partial) = open_partial(folder, &plan, &files, work)? else {
            return Ok(Some(as_text(&report_in(&folder.path)?)));
        };
        let unfinished = partial.partial().to_owned();
        let row = |number: u64, lost: &Lost| {
            self.failed_row([Cell::Text(&format!("truth {number}")), Cell::Text(""), Cell::Text("")], lost)
        };
        let row: &dyn Fn(u64, &Lost) -> Vec<u8> = &row;
        let (fail_fast, stop) = (work.fail_fast, Arc::clone(work.stop()));
        work.progress(partial.next(), truths);
        let outcome = run_queue(
            partial.next()..truths,
            work.threads,
            |number, stop| self.ranked(fit, number, fail_fast, stop),
            &mut Keeping::new(&mut partial, (!fail_fast).then_some(row)),
            &stop,
            &mut |done| work.progress(done + 1, truths),
        );
        outcome.map_err(|error| error_in_queue(error, Some(&unfinished), |number| format!("truth {number}")))?;
        partial.mark()?;
        let result = partial.result();
        let (ranks, histories) = read_ranks(&result, names.len())?;
        let failures = read_failures(&result)?;
        if ranks.first().is_none_or(Vec::is_empty) {
            partial.abandon()?;
            return Err(StudyError::NoneLeft { failures, what: "truths" });
        }
        // Besides the histories of its posterior, each truth needs the history that serves as its observation.
        let found = tested(&names, &ranks, truths, (truths + histories, failures.count));
        let text = serde_json::to_string_pretty(&found).expect("a JSON value can be written") + "\n";
        write_whole(&result.join(CALIBRATION), text.as_bytes())?;
        let manifest = fit
            .with_files(Manifest::new(&plan, &canonical))
            .with_command(&self.line(folder))
            .with_tables(["ranks.csv".to_owned(), failed::FILE.to_owned()]);
        folder.draw(Kind::Ranks, &result, &manifest)?;
        partial.finish(manifest, true, &every_table())?;
        Ok(Some(as_text(&found)))
    }

    /// The table rows of one truth.
    fn ranked(&self, fit: &Fit<'_>, number: u64, fail_fast: bool, stop: &AtomicBool) -> Result<Rows, ReplicaError> {
        let mut random = stream(fit.settings.seed, number, Purpose::Calibration, name_hash("sbc"));
        let truth: Vec<f64> = fit.space.iter().map(|prior| prior.draw(&mut random)).collect();
        // Summaries that this observation lacks are ignored.
        let observed = fit.summarised(&histories(&fit.episodes, &truth, random.random(), stop)?);
        let settings = Settings { seed: random.random(), ..fit.settings };
        let mut sampler = Sampler::new(&fit.space, &observed, settings);
        let mut lost = sampler.run(&fit.simulator(), stop)?;
        if fail_fast && !lost.is_empty() {
            return Err(ReplicaError::Lost(lost.swap_remove(0).lost));
        }
        let mut text = Vec::new();
        if let Some((last, distance)) = sampler.generations().last().zip(sampler.distance()) {
            let draws = adjusted(last, &fit.space, distance);
            let chosen: Vec<usize> = (0..RANK_DRAWS).map(|_| choose(&draws.weights, &mut random)).collect();
            let rank = |(place, &truth): (usize, &f64)| {
                let below = chosen.iter().filter(|&&draw| draws.values[draw][place] < truth).count();
                Cell::Count(below as u64)
            };
            let generations = sampler.generations();
            let histories: u64 = generations.iter().map(Generation::attempts).sum();
            let cells = [
                Cell::Count(number),
                Cell::Count(generations.len() as u64),
                Cell::Number(last.tolerance),
                Cell::Count(histories),
                Cell::Count(lost.len() as u64),
            ];
            let ranks = truth.iter().enumerate().map(rank);
            write_row(&mut text, cells.into_iter().chain(truth.iter().map(|&v| Cell::Number(v))).chain(ranks));
        }
        Ok(Rows(vec![text, self.failed_rows(&format!("truth {number}, "), &lost)]))
    }
}

/// Reads `calibration.json` from a finished calibration folder.
pub(super) fn report_in(folder: &Path) -> Result<Value, StudyError> {
    let path = folder.join(CALIBRATION);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| StudyError::NotWhole(format!("cannot read {}: {error}", path.display())))?;
    serde_json::from_str(&text).map_err(|error| StudyError::Damaged { path, problem: error.to_string() })
}

/// Reads the ranks of each parameter, and the total number of histories simulated.
fn read_ranks(folder: &Path, parameters: usize) -> Result<(Vec<Vec<usize>>, u64), ReadError> {
    let mut rows = Reader::open_all(folder, RANKS.name)?;
    let (mut ranks, mut histories) = (vec![Vec::new(); parameters], 0);
    while rows.advance()? {
        histories += rows.whole(3)?;
        for (place, ranks) in ranks.iter_mut().enumerate() {
            let rank = rows.whole(RANKS.columns.len() + parameters + place)?;
            ranks.push(usize::try_from(rank).map_err(|_| rows.bad_row("a rank is too large"))?);
        }
    }
    Ok((ranks, histories))
}

fn tested(names: &[String], ranks: &[Vec<usize>], truths: u64, (histories, failed): (u64, u64)) -> Value {
    let of = |(name, ranks): (&String, &Vec<usize>)| {
        let RankTest { counts, chi_square, p_value } = RankTest::of(ranks);
        json!({ "name": name, "bins": counts, "chi_square": chi_square, "p_value": p_value })
    };
    let parameters: Vec<Value> = names.iter().zip(ranks).map(of).collect();
    let ranked = ranks.first().map_or(0, Vec::len) as u64;
    json!({
        "truths": ranked, "truths_failed": truths - ranked, "histories": histories, "failed": failed,
        "draws": RANK_DRAWS, "parameters": parameters,
    })
}

fn as_text(found: &Value) -> String {
    let mut text = String::from("ranks of truths in their posteriors: uniform where these are right\n");
    if let Some(failed @ 1..) = found["truths_failed"].as_u64() {
        writeln!(text, "{failed} truths could not be run and have no rank; ranked are {}", found["truths"])
            .expect("writing to a string cannot fail");
    }
    for parameter in found["parameters"].as_array().into_iter().flatten() {
        let bins: Vec<String> = parameter["bins"].as_array().into_iter().flatten().map(Value::to_string).collect();
        let number = |key: &str| parameter[key].as_f64().unwrap_or(f64::NAN);
        writeln!(
            text,
            "{}: chi-square {:.1} over {} bins, p = {:.3} ({})",
            parameter["name"].as_str().unwrap_or_default(),
            number("chi_square"),
            bins.len(),
            number("p_value"),
            bins.join(" "),
        )
        .expect("writing to a string cannot fail");
    }
    text
}
