//! `sensitivity.csv`, where `shakeout sensitivity` has left one in the folder of a sweep.

use std::path::Path;

use serde::Serialize;

use super::table::Sweep;
use crate::{
    output::{answer::lower_first, read::Reader},
    report::{ReportError, number::human},
    study::sensitivity::{PAIR, WIDEST, hangs_on},
};

/// The factors of one metric, the one that matters most first.
#[derive(Debug, Serialize)]
pub(crate) struct Ranking {
    title: String,
    /// Whether the metric answers the question.
    #[serde(skip)]
    pub(super) is_answer: bool,
    columns: Vec<String>,
    /// The column by which they are ranked.
    measure: &'static str,
    /// What that column says.
    meaning: &'static str,
    /// The factor that matters most, in a sentence; empty where the measure has no interval.
    sentence: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    factor: String,
    cells: Vec<String>,
    /// Of the greatest; for a bar.
    percent: u32,
    #[serde(skip)]
    size: f64,
    #[serde(skip)]
    numbers: Vec<Option<f64>>,
}

/// Of the columns that a design may have, the first of these is the measure, and what it says. Those of the seed alone come
/// last.
const MEASURES: [(&str, &str); 4] = [
    ("PRCC", "rank correlation of the number with a factor, the other factors held fixed, with its 95\u{a0}% interval"),
    ("mu_star", "mean size of the change of the number over the whole range of a factor"),
    ("range", "from the lowest to the highest mean of the levels of a factor, the others averaged over"),
    ("ST", "share of variance that would be left if all but a factor were known"),
];

impl Ranking {
    /// The width of the widest interval of a Sobol' index; none where a design has none.
    fn widest(&self) -> Option<f64> {
        let places = ["S1_conf", "ST_conf"].map(|name| self.columns.iter().position(|column| column == name));
        let half_widths = self.rows.iter().flat_map(|row| places.map(|place| row.numbers[place?]));
        half_widths.flatten().reduce(f64::max).map(|half| 2.0 * half)
    }

    /// The factor that matters most, in a sentence that names the metric; none where the measure has no interval.
    pub(super) fn named_sentence(&self) -> Option<String> {
        self.sentence.strip_prefix("It ").map(|rest| format!("“{}” {rest}", self.title))
    }
}

/// A table for each metric that is drawn, in their order; none where there is no file.
pub(crate) fn rankings(folder: &Path, sweep: &Sweep) -> Result<Vec<Ranking>, ReportError> {
    if !folder.join("sensitivity.csv").is_file() {
        return Ok(Vec::new());
    }
    let mut rows = Reader::open_all(folder, "sensitivity")?;
    let columns: Vec<String> = rows.names().skip(2).map(str::to_owned).collect();
    let measured = |&(name, meaning): &(&'static str, &'static str)| {
        Some((columns.iter().position(|column| column == name)?, name, meaning))
    };
    let Some((at, measure, meaning)) = MEASURES.iter().find_map(measured) else {
        return Ok(Vec::new());
    };
    let mut found: Vec<(usize, String, Ranking)> = Vec::new();
    while rows.advance()? {
        let metric = rows.text(0).to_owned();
        // Whether a number is never reached is told as `NAME.never`.
        let (name, rest) = metric.split_once('.').unwrap_or((&metric, ""));
        let Some(place) = sweep.outcomes.iter().position(|outcome| outcome.metric.name == name) else { continue };
        let outcome = &sweep.outcomes[place];
        let factor = rows.text(1);
        let named = |key: &str| {
            sweep.factors.iter().find(|one| one.key == key).map_or_else(|| key.to_owned(), |one| one.name.clone())
        };
        let factor = factor.split(PAIR).map(named).collect::<Vec<_>>().join(PAIR);
        let numbers = (0..columns.len()).map(|column| rows.number(column + 2)).collect::<Result<Vec<_>, _>>()?;
        let cell = |value: &Option<f64>| value.map_or_else(|| "–".to_owned(), human);
        let row = Row {
            factor,
            cells: numbers.iter().map(cell).collect(),
            percent: 0,
            size: numbers[at].map_or(f64::NEG_INFINITY, f64::abs),
            numbers,
        };
        match found.last_mut() {
            Some((_, last, ranking)) if *last == metric => ranking.rows.push(row),
            _ => {
                let ranking = Ranking {
                    title: if rest.is_empty() {
                        outcome.name.clone()
                    } else {
                        format!("{}, whether {rest}", outcome.name)
                    },
                    is_answer: outcome.is_answer,
                    columns: columns.clone(),
                    measure,
                    meaning,
                    sentence: String::new(),
                    rows: vec![row],
                };
                found.push((place, metric, ranking));
            }
        }
    }
    // Where nothing varies there is nothing to rank.
    found.sort_by_key(|(place, ..)| *place);
    let telling =
        found.into_iter().map(|(.., ranking)| ranking).filter(|one| one.rows.iter().any(|row| row.size > 0.0));
    Ok(telling.map(ranked).collect())
}

fn ranked(mut ranking: Ranking) -> Ranking {
    ranking.rows.sort_by(|a, b| b.size.total_cmp(&a.size));
    if ranking.measure == "PRCC"
        && let Some(row) = ranking.rows.first()
        && let [Some(value), Some(low), Some(high), ..] = row.numbers[..]
    {
        ranking.sentence = hangs_on("It", &lower_first(&row.factor), [value, low, high]);
    }
    if let Some(widest) = ranking.widest().filter(|width| *width > WIDEST) {
        ranking.sentence = format!(
            "The sample is too small: the widest interval of these indices is {}, and at most {WIDEST} would tell factors apart. Four times as many points halve it.",
            human(widest)
        );
    }
    let most = ranking.rows.first().map_or(0.0, |row| row.size);
    for row in &mut ranking.rows {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100")]
        let percent = (100.0 * row.size.max(0.0) / most).round() as u32;
        row.percent = percent;
    }
    ranking
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::report::sweep::{fixture::SweepFixture, table::SweepLimits};

    #[test]
    fn factors_are_ranked_and_what_does_not_vary_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        SweepFixture::number(3, 2).write(folder.path());
        let sweep = Sweep::read(folder.path(), &[], SweepLimits::default()).unwrap();
        assert!(rankings(folder.path(), &sweep).unwrap().is_empty());
        let text = "metric,names,mu,mu_star,S1\nworst_retarget,class.private.cash_months,-0.2,0.2,\nworst_retarget,b,0.1,0.8,\nworst_retarget,seed,,,0.4\nsold_forced_btc,a,0,0,\nsold_forced_btc,b,0,0,\nmined_btc,a,1,1,\ndays_to_95pct.never,a,0.1,0.1,\n";
        fs::write(folder.path().join("sensitivity.csv"), text).unwrap();
        let found = rankings(folder.path(), &sweep).unwrap();
        assert_eq!(found.len(), 2, "one does not vary, one is no main metric");
        assert_eq!(found[0].title, "Hashrate: until back at 95 % of that peak, whether never");
        let factors: Vec<_> = found[1].rows.iter().map(|row| (&*row.factor, row.percent)).collect();
        assert_eq!(factors, [("b", 100), ("Cash at the start (private)", 25), ("seed", 0)]);
        assert_eq!(found[1].rows[2].cells, ["–", "–", "0.400"]);
    }
}
