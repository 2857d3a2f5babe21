use plotters::backend::DrawingBackend;

use super::{
    NEVER_NOTE, SweepChart, colour, in_words,
    rows::{Rows, foot},
};
use crate::figure::{
    style::HALF_PALE,
    style::MOST_PALE,
    style::{self, pale},
    svg::{
        canvas::{Align, Canvas, MEDIAN},
        frame::{Area, PAD, draw_title, shorten, too_small},
        legend,
    },
};
use crate::report::{
    ReportError,
    sweep::{
        headline::Headline,
        spread::Spread,
        table::{Column, Sweep, SweptFactor},
    },
};

/// A metric by choice: a row with median and bands for each.
pub(super) struct Choices<'a> {
    headline: Headline,
    factor: &'a SweptFactor,
    spreads: Vec<Spread>,
}

/// More rows would not stand on a page.
const MAX_CHOICES: usize = 40;

impl<'a> Choices<'a> {
    pub(super) fn new(sweep: &Sweep, factor: &'a SweptFactor, column: &Column) -> Self {
        let count = factor.choices.len().min(MAX_CHOICES);
        // A setting is the place of its choice.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
        let groups = sweep.grouped(column, count, |point| factor.settings.get(point).map(|&setting| setting as usize));
        Self { headline: column.headline, factor, spreads: groups.into_iter().map(Spread::of).collect() }
    }

    fn values(&self) -> Vec<f64> {
        self.spreads.iter().flat_map(|spread| spread.quantiles).collect()
    }
}

impl SweepChart for Choices<'_> {
    fn title(&self) -> String {
        format!("{} by {}", self.headline.name, self.factor.key)
    }

    fn caption(&self) -> String {
        let never = if self.values().iter().any(|value| value.is_infinite()) {
            format!(" {NEVER_NOTE}")
        } else {
            String::new()
        };
        let all = self.factor.choices.len();
        let first = if all > MAX_CHOICES { format!(", for the first {MAX_CHOICES} of {all}") } else { String::new() };
        format!(
            "Median, 50\u{a0}% and 90\u{a0}% bands over replicas for each choice of {}{first}.{never}",
            self.factor.key
        )
    }

    fn alt(&self) -> String {
        let medians: Vec<String> = self
            .factor
            .choices
            .iter()
            .zip(&self.spreads)
            .map(|(choice, spread)| format!("{choice}: {}", in_words(self.headline, spread.median())))
            .collect();
        format!("Median of {} by {}: {}.", self.headline.name, self.factor.key, medians.join("; "))
    }

    fn height(&self, _width: f64, font: f64) -> f64 {
        let rows = f64::from(u32::try_from(self.spreads.len()).unwrap_or(u32::MAX));
        4.0 * font + rows * 2.4 * font + foot(font)
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let (font, ink) = (canvas.font, colour(self.headline));
        let most = self.spreads.iter().map(|spread| spread.n).max().unwrap_or(0);
        let room = 0.34 * canvas.width;
        let names: Vec<String> = self.factor.choices.iter().map(|choice| shorten(canvas, choice, room)).collect();
        let widest = names.iter().map(|name| canvas.width_of(name)).fold(0.0, f64::max);
        let (left, right) = (PAD + widest + 0.6 * font, canvas.width - PAD - 1.6 * font);
        let top = draw_title(canvas, title)?;
        let top = legend::draw(canvas, &legend::of_fan(most, ink), (PAD, right), top)? + 0.5 * font;
        let area = Area { left, right, top, bottom: canvas.height - foot(font) };
        let count = self.spreads.len();
        if area.size().1 < 1.25 * font * f64::from(u32::try_from(count).unwrap_or(u32::MAX)) {
            return Err(too_small(canvas));
        }
        let rows = Rows::frame(canvas, self.headline, area, &self.values(), count)?;
        for (place, (spread, name)) in self.spreads.iter().zip(&names).enumerate() {
            let (top, bottom) = rows.row(place);
            let middle = f64::midpoint(top, bottom);
            let half = 0.36 * (bottom - top).min(2.8 * font);
            let edges = |part: f64| (middle - part * half, middle + part * half);
            let [p05, p25, p50, p75, p95] = spread.quantiles;
            rows.bar(canvas, (p05, p95), edges(0.55), pale(ink, MOST_PALE))?;
            rows.bar(canvas, (p25, p75), edges(1.0), pale(ink, HALF_PALE))?;
            if !p50.is_nan() {
                let (upper, lower) = edges(1.0);
                canvas.line(&[(rows.x(p50), upper), (rows.x(p50), lower)], ink, 1.5 * MEDIAN)?;
            }
            canvas.text(name, (left - 0.6 * font, middle), Align::Right, style::INK)?;
        }
        Ok(())
    }
}
