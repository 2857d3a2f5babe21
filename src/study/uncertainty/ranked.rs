//! What the answer hangs on: rank correlations of the metrics of histories with drawn assumptions with what was drawn.

use crate::{
    declare::{Absent, Columns, Metric, Values},
    output::{
        summary::{Headline, RunFacts, Summary, values_of},
        uncertain::{Correlation, DrawnAssumption, HangsOn},
    },
    study::{
        estimate::is_constant,
        prcc::{Prcc, hangs_on, points_needed, prcc},
    },
};

/// Sums up the table `replicas`, beside which this number of replicas could not be run, with the tables `uncertain` and `drawn` where assumptions
/// were drawn.
pub fn summary_of(replicas: &Columns, drawn: Option<(&Columns, &Columns)>, failed: u64, facts: RunFacts) -> Summary {
    let assumptions = facts.drawn.clone();
    let summary = Summary::of_columns(replicas, failed, facts);
    let Some((uncertain, values)) = drawn.filter(|_| !assumptions.is_empty()) else { return summary };
    let mut summary = summary.with_drawn(uncertain);
    let needed = points_needed(assumptions.len());
    let hangs_on: Vec<HangsOn> = if uncertain.len() < needed {
        Vec::new()
    } else {
        let settings = settings(values, assumptions.len());
        summary.answering().filter_map(|one| ranked(one, uncertain, &settings, &assumptions)).collect()
    };
    if let Some(found) = &mut summary.uncertain {
        found.needed = (uncertain.len() < needed).then_some(needed as u64);
        found.hangs_on = hangs_on;
    }
    summary
}

/// The values of each assumption, by replica.
fn settings(drawn: &Columns, assumptions: usize) -> Vec<Vec<f64>> {
    let values: Vec<f64> = drawn.get("value").into_iter().flat_map(Values::numbers).collect();
    (0..assumptions).map(|place| values.iter().skip(place).step_by(assumptions).copied().collect()).collect()
}

/// The correlations of a metric with each assumption; `None` if it is the same in all replicas.
fn ranked(
    headline: &Headline,
    uncertain: &Columns,
    settings: &[Vec<f64>],
    assumptions: &[DrawnAssumption],
) -> Option<HangsOn> {
    let (results, kept) = results(headline.metric()?, uncertain);
    let of_kept = |values: &Vec<f64>| kept.iter().map(|&replica| values[replica]).collect::<Vec<f64>>();
    if results.len() < points_needed(settings.len()) || is_constant(&results) {
        return None;
    }
    let found = prcc(&settings.iter().map(of_kept).collect::<Vec<_>>(), &results).ok()?;
    let named = |(found, of): (Option<Prcc>, &DrawnAssumption)| {
        let Prcc { value, low, high } = found?;
        Some(Correlation { name: of.name.clone(), key: of.key.clone(), value, low, high })
    };
    let mut correlations: Vec<Correlation> = found.into_iter().zip(assumptions).filter_map(named).collect();
    correlations.sort_by(|one, other| other.value.abs().total_cmp(&one.value.abs()));
    let most = correlations.first()?;
    let text = hangs_on(&headline.as_subject(), &most.name, [most.value, most.low, most.high]);
    Some(HangsOn { metric: headline.name.clone(), name: headline.named(), text, correlations })
}

/// The values of a metric, and the replicas that have them. Never ranks above every day, as in quantiles; a replica that could not measure it is
/// left out.
fn results(metric: &Metric, uncertain: &Columns) -> (Vec<f64>, Vec<usize>) {
    let value = |(replica, value): (usize, Option<f64>)| match metric.absent {
        Absent::Never => Some((value.unwrap_or(f64::MAX), replica)),
        Absent::Unmeasured => Some((value?, replica)),
    };
    values_of(uncertain, metric).into_iter().enumerate().filter_map(value).unzip()
}
