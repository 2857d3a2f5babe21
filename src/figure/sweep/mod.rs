//! Charts of a sweep: a metric against one key, over two, or the ranking of many.

mod choices;

mod response;
mod rows;
mod surface;
#[cfg(test)]
mod tests;
mod tornado;

use std::{
    fs,
    path::{Path, PathBuf},
};

use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{
    style::{self, FigureSize, FigureStyle},
    svg::{
        self,
        canvas::{self, Canvas},
    },
};
use crate::report::{
    ReportError,
    sweep::{
        headline::Headline,
        table::{Column, Sweep, SweepLimits},
    },
};

/// Draws every headline metric of the sweep in `folder` that is not the same everywhere, as `sweep-METRIC.svg` in
/// `out`, which is made if need be.
///
/// The same table gives the same bytes.
///
/// # Errors
/// If `sweep.csv` is missing or cannot be understood, or a file cannot be written.
pub fn draw_sweep(folder: &Path, out: &Path, style: &FigureStyle) -> Result<Vec<PathBuf>, ReportError> {
    let sweep = Sweep::read(folder, SweepLimits::default())?;
    fs::create_dir_all(out).map_err(ReportError::file(out))?;
    let mut paths = Vec::with_capacity(sweep.headlines.len());
    sweep.for_each(folder, |column| {
        let figure = sweep_figure(&sweep, column, style)?;
        let path = out.join(format!("{}.svg", figure.name()));
        fs::write(&path, figure.svg).map_err(ReportError::file(&path))?;
        paths.push(path);
        Ok(())
    })?;
    Ok(paths)
}

/// A drawn chart of one metric of a sweep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepFigure {
    /// The metric.
    pub metric: &'static str,
    /// A few words.
    pub title: String,
    /// What is to be seen, how it was computed, and what it leaves out.
    pub caption: String,
    /// What it shows, for those who cannot see it.
    pub alt: String,
    /// The picture.
    pub svg: String,
}

impl SweepFigure {
    /// The stem of its file's name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("sweep-{}", self.metric)
    }
}

/// A chart of one metric of a sweep.
trait SweepChart {
    fn title(&self) -> String;
    /// How it was computed; what the metric means is said before.
    fn caption(&self) -> String;
    fn alt(&self) -> String;
    /// The height that it wants at this width and size of letters, mm.
    fn height(&self, width: f64, font: f64) -> f64;
    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError>;
}

/// Draws one metric in the way that suits the sweep's design: lines or boxes over one factor, a map of the cells of
/// two, such a map for each level of a third, a ranking of more or of scattered points.
///
/// # Errors
/// If the figure is too small for its parts.
pub fn sweep_figure(sweep: &Sweep, column: &Column, style: &FigureStyle) -> Result<SweepFigure, ReportError> {
    let headline = column.headline;
    if let Some(layout) = surface::layout(sweep) {
        return drawn(headline, &surface::Surface::new(sweep, layout, column), sweep, style);
    }
    match sweep.factors.as_slice() {
        [factor] if factor.is_numeric() => {
            let figure = response::response(sweep, factor, column);
            let (caption, svg) = (in_full(headline, &figure.caption(), sweep), svg::draw(&figure, style)?);
            Ok(SweepFigure { metric: headline.metric.name, title: figure.title, caption, alt: figure.alt, svg })
        }
        [factor] => drawn(headline, &choices::Choices::new(sweep, factor, column), sweep, style),
        _ => drawn(headline, &tornado::Tornado::new(sweep, column), sweep, style),
    }
}

fn drawn<C: SweepChart>(
    headline: Headline,
    chart: &C,
    sweep: &Sweep,
    style: &FigureStyle,
) -> Result<SweepFigure, ReportError> {
    let (width, given) = style.size.millimetres(1);
    let font = FigureSize::font_mm(width);
    let above = if style.titles { 1.9 * font } else { 0.0 };
    let height = match style.size {
        FigureSize::Exact { .. } => given,
        FigureSize::Column | FigureSize::Page => (chart.height(width, font) + above).ceil().clamp(40.0, 1000.0),
    };
    let (title, alt) = (chart.title(), chart.alt());
    let shown = style.titles.then_some(title.as_str());
    let name = format!("sweep-{}", headline.metric.name);
    let svg = canvas::svg(&name, &alt, (width, height), font, |canvas| chart.draw(canvas, shown))?;
    let caption = in_full(headline, &chart.caption(), sweep);
    Ok(SweepFigure { metric: headline.metric.name, title, caption, alt, svg })
}

fn in_full(headline: Headline, caption: &str, sweep: &Sweep) -> String {
    format!("{}. {caption} {}.", headline.metric.doc, sentence(&sweep.size_in_words()))
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A median in words.
fn in_words(headline: Headline, value: f64) -> String {
    match value {
        value if value.is_nan() => "unknown".into(),
        value if value.is_infinite() => "never".into(),
        value if headline.metric.no_fall.is_some_and(|none| none.value.total_cmp(&value).is_eq()) => "no fall".into(),
        value if headline.metric.unit.is_empty() => crate::report::number::human(value),
        value => format!("{} {}", crate::report::number::human(value), headline.unit),
    }
}

/// The colour of what a metric measures, as in the charts of runs.
pub(crate) fn colour(headline: Headline) -> RGBColor {
    match headline.metric.name {
        "hashrate_trough_share" | "days_to_95pct" => style::HASHRATE,
        "longest_epoch_days" | "worst_retarget" | "block_delay_days" => style::DIFFICULTY,
        "hashprice_low_usd_per_ph_day" => style::HASHPRICE,
        "defaulted_hashrate_share" => style::SOLD_LIQUIDATION,
        "sold_forced_btc" => style::SOLD_FORCED,
        _ => style::NEUTRAL,
    }
}

/// What a caption says where some quantile is never.
const NEVER_NOTE: &str = "A replica that never gets there counts as above all others.";
