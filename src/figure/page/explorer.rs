//! What the script of a sweep's page explores: settings of the points, and quantiles of the metrics at each.

use serde::Serialize;

use crate::{
    figure::{
        style,
        sweep::colour,
        uplot::{DIGITS, Packed},
    },
    report::{
        number::grouped,
        sweep::{
            spread::Spread,
            table::{Column, Sweep},
        },
    },
};

/// Maximum number of points in the page.
const MAX_POINTS: usize = 2_000;

/// Factors, and metrics over the points.
#[derive(Debug, Serialize)]
pub(crate) struct Explorer {
    factors: Vec<Factor>,
    metrics: Vec<Metric>,
    /// The levels of a factor.
    colours: Vec<String>,
    #[serde(skip)]
    points: usize,
}

#[derive(Debug, Serialize)]
struct Factor {
    label: String,
    levels: Vec<f64>,
    /// Of the levels, where they are no numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    names: Option<Vec<String>>,
    /// By point: the place among the levels.
    places: Vec<usize>,
}

#[derive(Debug, Serialize)]
struct Metric {
    label: String,
    doc: &'static str,
    colour: String,
    /// At 5, 25, 50, 75 and 95 %, by point; never is no number.
    quantiles: [Packed; 5],
}

impl Explorer {
    pub(super) fn new(sweep: &Sweep) -> Self {
        let points = sweep.points.min(MAX_POINTS);
        let factors = sweep.factors.iter().map(|factor| {
            let levels = factor.levels();
            let place = |setting: &f64| levels.partition_point(|level| level.total_cmp(setting).is_lt());
            Factor {
                label: factor.title(),
                names: (!factor.is_numeric()).then(|| levels.iter().map(|&level| factor.label(level)).collect()),
                places: factor.settings[..points].iter().map(place).collect(),
                levels,
            }
        });
        Self { factors: factors.collect(), metrics: Vec::new(), colours: style::CLASSES.map(style::hex).into(), points }
    }

    pub(super) fn add(&mut self, sweep: &Sweep, column: &Column) {
        let groups = sweep.grouped(column, self.points, Some);
        let spreads: Vec<Spread> = groups.into_iter().map(Spread::of).collect();
        let quantile = |which: usize| spreads.iter().map(|spread| spread.quantiles[which]).collect::<Vec<f64>>();
        self.metrics.push(Metric {
            label: column.outcome.with_unit(),
            doc: column.outcome.metric.doc,
            colour: style::hex(colour(&column.outcome)),
            quantiles: std::array::from_fn(|which| Packed::new(&quantile(which), DIGITS)),
        });
    }

    /// Whether there is anything to choose from.
    pub(super) fn is_worth_it(&self) -> bool {
        !self.metrics.is_empty() && !self.factors.is_empty()
    }

    /// What is left out, and how gaps are to be read.
    pub(super) fn note(&self, sweep: &Sweep) -> String {
        let count = |number: usize| grouped(f64::from(u32::try_from(number).unwrap_or(u32::MAX)), 0);
        let part = if self.points < sweep.points_run {
            format!("The first {} of {} points. ", count(self.points), count(sweep.points_run))
        } else {
            String::new()
        };
        format!(
            "{part}Quantiles over the replicas of a point. A gap means that this quantile of replicas never gets there."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sweep::{fixture::SweepFixture, table::SweepLimits};

    #[test]
    fn places_and_quantiles_are_those_of_the_points() {
        let folder = tempfile::tempdir().unwrap();
        SweepFixture::pairs(4, 3, 5).write(folder.path());
        let sweep = Sweep::read(folder.path(), &[], SweepLimits::default()).unwrap();
        let mut explorer = Explorer::new(&sweep);
        sweep
            .for_each(folder.path(), |column| {
                explorer.add(&sweep, column);
                Ok(())
            })
            .unwrap();
        assert!(explorer.is_worth_it());
        assert_eq!(explorer.factors[0].levels.len(), 4);
        assert_eq!(explorer.factors[1].places, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
        assert_eq!(explorer.metrics.len(), sweep.outcomes.len());
        assert_eq!(
            explorer.note(&sweep),
            "Quantiles over the replicas of a point. A gap means that this quantile of replicas never gets there."
        );
    }
}
