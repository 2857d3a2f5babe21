use plotters::{backend::DrawingBackend, style::RGBColor};

use super::{NEVER_NOTE, SweepChart, colour, in_words};
use crate::figure::{
    axis::ValueAxis,
    canvas::{Align, Canvas, Point},
    frame::{Area, across, axis_across, foot_axis, name_below},
    layout::{HAIR, Plot, Sheet, TICK, wanted_ticks},
    panel::{HALF_PALE, MEDIAN, MOST_PALE, Panel, fan_legend},
    style::{self, pale},
};
use crate::report::{
    ReportError,
    sweep::{
        headline::Headline,
        spread::{Spread, median},
        table::{Column, Sweep, SweptFactor, plain},
    },
};

/// A metric against a number: median and bands over replicas.
pub(super) struct Response<'a> {
    headline: Headline,
    factor: &'a SweptFactor,
    /// In rising order.
    settings: Vec<f64>,
    spreads: Vec<Spread>,
    is_binned: bool,
}

/// More different settings are put into bins...
const MAX_SETTINGS: usize = 40;
/// ...so many of them.
const BINS: usize = 20;

impl<'a> Response<'a> {
    pub(super) fn new(sweep: &Sweep, factor: &'a SweptFactor, column: &Column) -> Self {
        let levels = factor.levels();
        let is_binned = levels.len() > MAX_SETTINGS;
        let bins = if is_binned { BINS } else { levels.len() };
        let bin_of = |setting: f64| {
            let level = levels.partition_point(|level| level.total_cmp(&setting).is_lt());
            level * bins / levels.len()
        };
        let groups = sweep.grouped(column, bins, |point| factor.settings.get(point).map(|&setting| bin_of(setting)));
        let mut within = vec![Vec::new(); bins];
        for &level in &levels {
            within[bin_of(level)].push(level);
        }
        Self {
            headline: column.headline,
            factor,
            settings: within.into_iter().map(median).collect(),
            spreads: groups.into_iter().map(Spread::of).collect(),
            is_binned,
        }
    }

    fn has_never(&self) -> bool {
        self.spreads.iter().flat_map(|spread| spread.quantiles).any(f64::is_infinite)
    }

    /// The area between two quantiles, broken where one of them is never or unknown.
    fn band<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        (low, high): (usize, usize),
        (xs, panel): (&[f64], &Panel),
        colour: RGBColor,
    ) -> Result<(), ReportError> {
        let at = |place: usize, which: usize| self.spreads[place].quantiles[which];
        for run in runs(self.spreads.len(), |place| at(place, low).is_finite() && at(place, high).is_finite()) {
            let point = |place: usize, which: usize| (xs[place], panel.y(at(place, which)));
            if run.len() == 1 {
                let x = xs[run.start];
                let (lower, upper) = (panel.y(at(run.start, low)), panel.y(at(run.start, high)));
                canvas.line(&[(x, lower), (x, upper)], colour, 1.0)?;
                continue;
            }
            let mut outline: Vec<Point> = run.clone().map(|place| point(place, low)).collect();
            outline.extend(run.rev().map(|place| point(place, high)));
            canvas.fill(&outline, colour)?;
        }
        Ok(())
    }

    /// Above the panel, what is never: a triangle in the colour of the innermost quantile that is.
    fn mark_never<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        (xs, panel): (&[f64], &Panel),
        ink: RGBColor,
    ) -> Result<(), ReportError> {
        let (middle, font) = (panel.top - 0.65 * strip(canvas.font), canvas.font);
        canvas.dashes((panel.left, panel.top), (panel.right, panel.top), style::NEUTRAL, HAIR)?;
        canvas.text("never", (panel.left - TICK - 0.6, middle), Align::Right, style::INK)?;
        let half = 0.36 * font;
        for (x, spread) in xs.iter().zip(&self.spreads) {
            let [.., p50, p75, p95] = spread.quantiles.map(f64::is_infinite);
            let fill = match (p50, p75, p95) {
                (true, ..) => ink,
                (_, true, _) => pale(ink, HALF_PALE),
                (.., true) => pale(ink, MOST_PALE),
                _ => continue,
            };
            let corners = [(x - half, middle + half), (x + half, middle + half), (*x, middle - half)];
            canvas.fill(&corners, fill)?;
            canvas.line(&[corners[0], corners[1], corners[2], corners[0]], ink, HAIR)?;
        }
        Ok(())
    }
}

/// Height of the strip for never, mm.
fn strip(font: f64) -> f64 {
    2.1 * font
}

/// The unbroken stretches of `0..length` in which `holds`.
fn runs(length: usize, holds: impl Fn(usize) -> bool) -> Vec<std::ops::Range<usize>> {
    let mut found: Vec<std::ops::Range<usize>> = Vec::new();
    for place in (0..length).filter(|&place| holds(place)) {
        match found.last_mut() {
            Some(run) if run.end == place => run.end += 1,
            _ => found.push(place..place + 1),
        }
    }
    found
}

impl SweepChart for Response<'_> {
    fn title(&self) -> String {
        format!("{} by {}", self.headline.name, self.factor.key)
    }

    fn caption(&self) -> String {
        let at = if self.is_binned {
            format!("in {BINS} bins of as many values of {} each", self.factor.key)
        } else {
            format!("at each value of {}", self.factor.key)
        };
        let never = if self.has_never() {
            format!(
                " {NEVER_NOTE} Where a quantile is never, its line or band has a gap, and a triangle above stands for it: \
                 full, the median; paler, the upper edge of the 50\u{a0}% band; palest, that of the 90\u{a0}% band."
            )
        } else {
            String::new()
        };
        format!("Median, 50\u{a0}% and 90\u{a0}% bands over replicas {at}.{never}")
    }

    fn alt(&self) -> String {
        let words = |(setting, spread): (&f64, &Spread)| {
            format!("{} at {}", in_words(self.headline, spread.median()), plain(*setting))
        };
        let mut pairs = self.settings.iter().zip(&self.spreads);
        let ends: Vec<String> = [pairs.next(), pairs.next_back()].into_iter().flatten().map(words).collect();
        format!("{} against {}: the median is {}.", self.headline.name, self.factor.key, ends.join(", and "))
    }

    fn height(&self, width: f64, font: f64) -> f64 {
        (if width < 120.0 { 60.0 } else { 84.0 }) + font
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let ink = colour(self.headline);
        let most = self.spreads.iter().map(|spread| spread.n).max().unwrap_or(0);
        let values = self.spreads.iter().flat_map(|spread| spread.quantiles);
        let axis = ValueAxis::over(values, wanted_ticks(canvas.height, 1, canvas.font));
        let plot = Plot::new(self.headline.name, self.headline.unit, axis);
        let sheet = Sheet { title, legend: fan_legend(most, ink), shocks: &[], span: (0, 1), plots: vec![plot] };
        let head = if self.has_never() { strip(canvas.font) } else { 0.0 };
        let panels = sheet.panels(canvas, (head, 1.3 * canvas.font))?;
        let Some(panel) = panels.first() else {
            return Ok(());
        };
        let below = axis_across(canvas, &self.settings, panel.right - panel.left);
        let xs: Vec<f64> =
            self.settings.iter().map(|&setting| across(&below, setting, (panel.left, panel.right))).collect();
        self.band(canvas, (0, 4), (&xs, panel), pale(ink, MOST_PALE))?;
        self.band(canvas, (1, 3), (&xs, panel), pale(ink, HALF_PALE))?;
        let medians: Vec<f64> = self.spreads.iter().map(Spread::median).collect();
        for run in runs(medians.len(), |place| medians[place].is_finite()) {
            let line: Vec<Point> = run.map(|place| (xs[place], panel.y(medians[place]))).collect();
            canvas.line(&line, ink, MEDIAN)?;
            for (x, y) in line {
                let half = 0.55;
                canvas.fill(&[(x - half, y), (x, y - half), (x + half, y), (x, y + half)], ink)?;
            }
        }
        if self.has_never() {
            self.mark_never(canvas, (&xs, panel), ink)?;
        }
        let area = Area { left: panel.left, right: panel.right, top: panel.top, bottom: panel.bottom };
        canvas.line(&[(area.left, area.top - head), (area.left, area.bottom)], style::NEUTRAL, 1.5 * HAIR)?;
        foot_axis(canvas, &below, area, area.right, false)?;
        let key = if below.is_log() { format!("{} (log)", self.factor.key) } else { self.factor.key.clone() };
        name_below(canvas, &key, (area.left, area.right), area.bottom + TICK + 2.0 * canvas.font)
    }
}
