use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::{Canvas, Dash},
    layout::{Plot, Sheet, wanted_ticks},
    legend::{Entry, Sign},
    panel::{Course, HALF_PALE, MEDIAN},
    shock_note,
    style::{self, pale},
};
use crate::report::{number::human, rigs::RigModel};

/// What machines cost where they are traded.
pub(super) struct RigPrices<'a>(pub(super) &'a RunSeries);

/// More lines would not be told apart.
const MOST: usize = 8;

impl RigPrices<'_> {
    /// Of many models evenly many along their efficiency.
    fn shown(&self) -> Vec<&RigModel> {
        let models = &self.0.rigs.models;
        let count = models.len().min(MOST);
        let place = |shown: usize| if count < 2 { 0 } else { shown * (models.len() - 1) / (count - 1) };
        (0..count).map(|shown| &models[place(shown)]).collect()
    }

    fn look(place: usize, count: usize) -> (RGBColor, Dash) {
        (style::efficiency_of_line(place, count), Dash::of(place))
    }
}

impl Chart for RigPrices<'_> {
    fn name(&self) -> &'static str {
        "rigs"
    }

    fn title(&self) -> &'static str {
        "Prices of machines"
    }

    fn caption(&self) -> String {
        let (median, mean) =
            if self.0.replicas > 1 { (", median over replicas", ", mean over replicas") } else { ("", "") };
        let left_out = match self.0.rigs.models.len() {
            all if all > MOST => format!(" {MOST} of {all} models are shown."),
            _ => String::new(),
        };
        format!(
            "Above: price of each model at the week's clearing{median}; where nothing was traded, the best bid.{left_out} Below: \
             hashrate of the machines traded in a week, all models together{mean}.{}",
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let ends = self.shown().into_iter().filter_map(|model| {
            let known: Vec<f64> = model.price.p50.iter().copied().filter(|price| price.is_finite()).collect();
            let lowest = known.iter().copied().fold(f64::INFINITY, f64::min);
            let [first, lowest, last] = [*known.first()?, lowest, *known.last()?].map(human);
            Some(format!("{} from {first} to {last}, at the lowest {lowest}", model.name))
        });
        format!("Prices of machines over time, USD per TH/s: {}.", ends.collect::<Vec<_>>().join("; "))
    }

    fn panels(&self) -> usize {
        2
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let rigs = &run.rigs;
        let shown = self.shown();
        let wanted = wanted_ticks(canvas.height, 2, canvas.font);
        let mut legend: Vec<Entry> = shown
            .iter()
            .enumerate()
            .map(|(place, model)| {
                let (colour, dash) = Self::look(place, shown.len());
                Entry::new(Sign::Broken(colour, dash), format!("{}, {} J/TH", model.name, human(model.efficiency)))
            })
            .collect();
        legend.push(Entry::new(Sign::Area(pale(style::NEUTRAL, HALF_PALE)), "traded"));
        let prices = shown.iter().flat_map(|model| model.price.p50.iter().copied());
        let traded: Vec<f64> = rigs.traded_th.iter().map(|th| th / 1000.0).collect();
        let sheet = Sheet {
            title,
            legend,
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![
                Plot::new("Price", "USD/(TH/s)", ValueAxis::over(prices, wanted)),
                Plot::new("Traded", "PH/s a week", ValueAxis::from_zero(traded.iter().copied(), wanted)),
            ],
        };
        let panels = sheet.frame(canvas)?;
        let [above, below] = panels.as_slice() else {
            return Ok(());
        };
        sheet.mark_shocks(canvas, above)?;
        for (place, model) in shown.iter().enumerate() {
            let (colour, dash) = Self::look(place, shown.len());
            let line = above.points(&rigs.times, &model.price.p50, 1.0, Course::Smooth);
            canvas.broken_line(&line, dash, (colour, MEDIAN))?;
        }
        // A week's trades fill the week before the clearing.
        let mut starts = vec![run.grid.start];
        starts.extend(&rigs.times);
        let heights: Vec<f64> = traded.iter().chain(traded.last()).copied().collect();
        let zeros = vec![0.0; heights.len()];
        let colour = pale(style::NEUTRAL, HALF_PALE);
        below.between(canvas, &starts, (&zeros, &heights, 1.0), Course::Step, colour)?;
        sheet.mark_shocks(canvas, below)
    }
}
