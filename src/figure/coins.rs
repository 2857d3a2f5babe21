use plotters::backend::DrawingBackend;

use super::{
    Chart, ReportError, RunSeries,
    axis::ValueAxis,
    canvas::Canvas,
    course_in_words, fan_note,
    layout::{HAIR, Plot, Sheet, wanted_ticks},
    legend::{Entry, Sign},
    panel::{Course, THIN, extent, fan_legend},
    shock_note, style,
};
use crate::report::{number::human, series::Sales};

/// The coins that miners bring to market, and those they keep.
pub(super) struct Coins<'a>(pub(super) &'a RunSeries);

/// The edges between causes from the bottom up. Each value stands where its interval begins, since
/// [`Course::Step`] holds it until the next; the last one stands at the end too.
fn edges(sales: &Sales) -> [Vec<f64>; 4] {
    let mut edges = [const { Vec::new() }; 4];
    for place in (0..sales.ends.len()).chain(sales.ends.len().checked_sub(1)) {
        let mut sum = 0.0;
        edges[0].push(sum);
        for (edge, flow) in edges[1..].iter_mut().zip([&sales.voluntary, &sales.forced, &sales.liquidation]) {
            sum += flow[place];
            edge.push(sum);
        }
    }
    edges
}

impl Chart for Coins<'_> {
    fn name(&self) -> &'static str {
        "coins"
    }

    fn title(&self) -> &'static str {
        "Coins sold and held by miners"
    }

    fn caption(&self) -> String {
        let weeks = match self.0.sales.weeks {
            1 => "weekly means".to_owned(),
            weeks => format!("means of {weeks} weeks"),
        };
        let mean = if self.0.replicas > 1 { " over replicas" } else { "" };
        format!(
            "Above: coins sold a day by cause, {weeks}{mean}, beside the coins that blocks paid out (thin line). Below: coins \
             in miners' treasuries. {}{}",
            fan_note(self.0),
            shock_note(self.0)
        )
    }

    fn alt(&self) -> String {
        let most = |values: &[f64]| human(values.iter().copied().fold(0.0, f64::max));
        let sales = &self.0.sales;
        format!(
            "Two panels over time. Coins sold a day at most: voluntarily {} BTC, forced {} BTC, in liquidation {} BTC. {}",
            most(&sales.voluntary),
            most(&sales.forced),
            most(&sales.liquidation),
            course_in_words(self.0, "treasury", &self.0.coins_held.fan.p50, "BTC"),
        )
    }

    fn panels(&self) -> usize {
        2
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let Self(run) = self;
        let sales = &run.sales;
        let wanted = wanted_ticks(canvas.height, 2, canvas.font);
        let mut times = vec![run.grid.start];
        times.extend(&sales.ends);
        let edges = edges(sales);
        let issued: Vec<f64> = sales.issued.iter().chain(sales.issued.last()).copied().collect();
        let causes = [
            (style::SOLD_VOLUNTARY, "sold voluntarily"),
            (style::SOLD_FORCED, "forced"),
            (style::SOLD_LIQUIDATION, "in liquidation"),
        ];
        let mut legend: Vec<Entry> = causes.map(|(colour, text)| Entry::new(Sign::Area(colour), text)).into();
        legend.push(Entry::new(Sign::Thin(style::INK), "mined"));
        legend.extend(fan_legend(run.replicas, style::HELD));
        let (held, unit) =
            if extent(&run.coins_held).fold(0.0, f64::max) < 10_000.0 { (1.0, "BTC") } else { (1e-3, "kBTC") };
        let sheet = Sheet {
            title,
            legend,
            shocks: &run.marks.shocks,
            span: (run.grid.start, run.grid.end()),
            plots: vec![
                Plot::new("Flow", "BTC/day", ValueAxis::from_zero(edges[3].iter().chain(&issued).copied(), wanted)),
                Plot::new("Held", unit, ValueAxis::over(extent(&run.coins_held).map(|coins| coins * held), wanted)),
            ],
        };
        let panels = sheet.frame(canvas)?;
        let [above, below] = panels.as_slice() else {
            return Ok(());
        };
        for (pair, (colour, _)) in edges.windows(2).zip(causes) {
            above.between(canvas, &times, (&pair[0], &pair[1], 1.0), Course::Step, colour)?;
        }
        for edge in &edges[1..3] {
            above.curve(canvas, &times, (edge, 1.0), Course::Step, (style::PAPER, HAIR))?;
        }
        above.curve(canvas, &times, (&issued, 1.0), Course::Step, (style::INK, 1.6 * THIN))?;
        sheet.mark_shocks(canvas, above)?;
        sheet.mark_shocks(canvas, below)?;
        below.fan(canvas, &run.grid.times, (&run.coins_held, held), Course::Smooth, style::HELD)
    }
}
