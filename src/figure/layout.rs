//! Where title, legend, marks, panels and axes stand on the sheet, so that nothing overlaps or is cut.

use plotters::backend::DrawingBackend;

use super::{
    axis::ValueAxis,
    calendar::Calendar,
    canvas::{Align, Canvas},
    legend::{self, Entry},
    panel::Panel,
    style,
};
use crate::report::{ReportError, marks::Shock};

/// What a sheet is to hold, from top to bottom.
pub(super) struct Sheet<'a> {
    pub(super) title: Option<&'a str>,
    pub(super) legend: Vec<Entry>,
    pub(super) shocks: &'a [Shock],
    /// First and last instant, seconds since 1970.
    pub(super) span: (i64, i64),
    pub(super) plots: Vec<Plot>,
}

/// One panel's axis and what it measures.
pub(super) struct Plot {
    pub(super) quantity: &'static str,
    pub(super) unit: String,
    pub(super) axis: ValueAxis,
    /// Millimetres kept free of data at the panel's foot, for ticks.
    pub(super) foot: f64,
}

impl Plot {
    pub(super) fn new(quantity: &'static str, unit: impl Into<String>, axis: ValueAxis) -> Self {
        Self { quantity, unit: unit.into(), axis, foot: 0.0 }
    }

    fn unit(&self) -> String {
        format!("({}{})", self.unit, if self.axis.is_log() { ", log" } else { "" })
    }

    fn name(&self) -> String {
        format!("{} {}", self.quantity, self.unit())
    }
}

/// So many shocks are named on a figure; more would hide the data.
pub(super) const MAX_SHOCKS: usize = 6;

pub(super) const PAD: f64 = 1.2;
pub(super) const TICK: f64 = 1.1;
pub(super) const LEAST_PANEL: f64 = 8.0;
pub(super) const HAIR: f64 = 0.12;

/// The number of ticks that a panel of this sheet has room for.
pub(super) fn wanted_ticks(height_mm: f64, panels: usize, font: f64) -> usize {
    let each = (height_mm - 8.0 * font) / f64::from(u32::try_from(panels.max(1)).unwrap_or(1));
    [7, 6, 5, 4, 3]
        .into_iter()
        .find(|&ticks| each >= f64::from(u32::try_from(ticks).unwrap_or(1)) * 3.0 * font)
        .unwrap_or(2)
}

/// Draws the title, smaller if need be, and returns where the next thing may stand.
pub(super) fn draw_title<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<f64, ReportError> {
    let Some(title) = title else {
        return Ok(PAD);
    };
    let font = canvas.font;
    let size = (1.15 * font).min(1.15 * font * (canvas.width - 2.0 * PAD) / (1.2 * canvas.width_of(title)));
    canvas.text_sized(title, (PAD, PAD + 0.7 * font), Align::Left, style::INK, size)?;
    Ok(PAD + 1.9 * font)
}

/// The mark of an axis that does not begin at zero: a gap in it between two slanting strokes.
fn cut_mark<DB: DrawingBackend>(canvas: &Canvas<'_, DB>, (x, y): (f64, f64)) -> Result<(), ReportError> {
    const GAP: f64 = 0.35;
    canvas.line(&[(x, y - GAP), (x, y + GAP)], style::PAPER, 6.0 * HAIR)?;
    for middle in [y - GAP, y + GAP] {
        canvas.line(&[(x - 0.8, middle + 0.3), (x + 0.8, middle - 0.3)], style::NEUTRAL, 1.5 * HAIR)?;
    }
    Ok(())
}

pub(super) fn too_small<DB: DrawingBackend>(canvas: &Canvas<'_, DB>) -> ReportError {
    ReportError::BadFigureSize {
        text: format!("{}x{}mm", canvas.width, canvas.height),
        problem: "too small for this figure's axes and legend",
    }
}

impl Sheet<'_> {
    /// Draws all but the data and returns the panels to draw it in.
    pub(super) fn frame<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> Result<Vec<Panel>, ReportError> {
        let (left, right) = self.sides(canvas);
        let shocks = self.place_shocks(canvas, left, right);
        let rows = shocks.iter().map(|&(_, _, row)| row + 1).max().unwrap_or(0);
        let panels = self.panels(canvas, (1.15 * canvas.font * f64::from(rows), 0.0))?;
        if let Some(first) = panels.first() {
            Self::label_shocks(canvas, first.top, &shocks)?;
        }
        self.time_axis(canvas, &panels)?;
        Ok(panels)
    }

    /// Draws title, legend and axes of values, and returns the panels. Above the first, `above` mm are kept free, and
    /// `below` mm below the labels at the last one's foot.
    pub(super) fn panels<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        (above, below): (f64, f64),
    ) -> Result<Vec<Panel>, ReportError> {
        let font = canvas.font;
        let (left, right) = self.sides(canvas);
        let mut top = draw_title(canvas, self.title)?;
        top = legend::draw(canvas, &self.legend, (left, right), top)?;
        top += above + 0.5 * font;

        let bottom = canvas.height - PAD - 1.3 * font - TICK - below;
        let gap = 1.1 * font;
        let count = f64::from(u32::try_from(self.plots.len()).unwrap_or(1));
        let height = (bottom - top - gap * (count - 1.0)) / count;
        if height < LEAST_PANEL || right - left < 2.0 * LEAST_PANEL {
            return Err(too_small(canvas));
        }
        let mut panels = Vec::with_capacity(self.plots.len());
        let mut upper = top;
        for plot in &self.plots {
            let panel = Panel {
                left,
                right,
                top: upper,
                bottom: upper + height,
                floor: upper + height - plot.foot,
                span: self.span,
                axis: plot.axis.clone(),
            };
            self.value_axis(canvas, plot, &panel)?;
            panels.push(panel);
            upper += height + gap;
        }
        Ok(panels)
    }

    fn sides<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>) -> (f64, f64) {
        let labels = self.plots.iter().flat_map(|plot| plot.axis.labels());
        let widest = labels.map(|label| canvas.width_of(label)).fold(0.0, f64::max);
        let lines = if self.plots.iter().all(|plot| self.fits(canvas, plot)) { 1.4 } else { 2.5 };
        let left = PAD + lines * canvas.font + widest + TICK + 0.8;
        (left, canvas.width - PAD - 1.6 * canvas.font)
    }

    /// Whether a panel is surely high enough for its quantity and unit in one line.
    fn fits<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, plot: &Plot) -> bool {
        let count = f64::from(u32::try_from(self.plots.len()).unwrap_or(1));
        let around = if self.title.is_some() { 11.0 } else { 9.0 };
        canvas.width_of(&plot.name()) <= (canvas.height - around * canvas.font) / count
    }

    fn value_axis<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        plot: &Plot,
        panel: &Panel,
    ) -> Result<(), ReportError> {
        for (value, label) in &plot.axis.ticks {
            let y = panel.y(*value);
            canvas.line(&[(panel.left, y), (panel.right, y)], style::RULE, HAIR)?;
            canvas.line(&[(panel.left - TICK, y), (panel.left, y)], style::NEUTRAL, HAIR)?;
            canvas.text(label, (panel.left - TICK - 0.6, y), Align::Right, style::INK)?;
        }
        let middle = f64::midpoint(panel.top, panel.bottom);
        let x = PAD + 0.6 * canvas.font;
        if self.fits(canvas, plot) {
            return canvas.text(&plot.name(), (x, middle), Align::Upwards, style::INK);
        }
        canvas.text(plot.quantity, (x, middle), Align::Upwards, style::INK)?;
        canvas.text(&plot.unit(), (x + 1.15 * canvas.font, middle), Align::Upwards, style::INK)
    }

    fn time_axis<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, panels: &[Panel]) -> Result<(), ReportError> {
        let Some(last) = panels.last() else {
            return Ok(());
        };
        let length = last.right - last.left;
        let calendar = Calendar::over(self.span.0, self.span.1, |text| canvas.width_of(text) / length, 0.9 / length);
        for panel in panels {
            let frame = [(panel.left, panel.top), (panel.left, panel.bottom), (panel.right, panel.bottom)];
            canvas.line(&frame, style::NEUTRAL, 1.5 * HAIR)?;
            if panel.axis.is_cut() {
                cut_mark(canvas, (panel.left, panel.bottom - 1.2))?;
            }
            for tick in &calendar.labelled {
                let x = panel.x(tick.time);
                canvas.line(&[(x, panel.bottom), (x, panel.bottom + TICK)], style::NEUTRAL, 1.5 * HAIR)?;
            }
            for &time in &calendar.between {
                let x = panel.x(time);
                canvas.line(&[(x, panel.bottom), (x, panel.bottom + 0.55 * TICK)], style::NEUTRAL, HAIR)?;
            }
        }
        for tick in &calendar.labelled {
            let x = last.x(tick.time);
            let half = 0.5 * canvas.width_of(&tick.label);
            // A label at the very edge would be cut; its tick is enough.
            if x - half >= 0.3 && x + half <= canvas.width - 0.3 {
                let y = last.bottom + TICK + 0.75 * canvas.font;
                canvas.text(&tick.label, (x, y), Align::Centre, style::INK)?;
            }
        }
        Ok(())
    }

    /// Middle of each label and its row, counted upwards from the panel.
    fn place_shocks<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        left: f64,
        right: f64,
    ) -> Vec<(&Shock, f64, u32)> {
        let mut ends: Vec<f64> = Vec::new();
        let mut placed = Vec::new();
        for shock in self.shocks.iter().take(MAX_SHOCKS) {
            let half = 0.5 * canvas.width_of(&shock.label);
            let x = left + Panel::share(self.span, shock.time) * (right - left);
            // Not over the numbers of the axis, which stand as high.
            let middle = x.clamp(left + half, (canvas.width - PAD - half).max(left + half));
            let row = ends.iter().position(|&end| end < middle - half).unwrap_or(ends.len());
            if row == ends.len() {
                ends.push(0.0);
            }
            ends[row] = middle + half + 0.5 * canvas.font;
            placed.push((shock, middle, u32::try_from(row).unwrap_or(0)));
        }
        placed
    }

    fn label_shocks<DB: DrawingBackend>(
        canvas: &Canvas<'_, DB>,
        foot: f64,
        shocks: &[(&Shock, f64, u32)],
    ) -> Result<(), ReportError> {
        for &(shock, middle, row) in shocks {
            let y = foot - (0.7 + 1.15 * f64::from(row)) * canvas.font;
            canvas.text(&shock.label, (middle, y), Align::Centre, style::INK)?;
        }
        Ok(())
    }

    /// Marks the shocks in `panel`: before a fan, whose median must not be cut; after a stack, which would hide them.
    pub(super) fn mark_shocks<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        panel: &Panel,
    ) -> Result<(), ReportError> {
        for shock in self.shocks.iter().take(MAX_SHOCKS) {
            let x = panel.x(shock.time);
            // The margin of paper keeps the dashes visible on a dark area.
            canvas.line(&[(x, panel.top), (x, panel.bottom)], style::PAPER, 4.0 * HAIR)?;
            canvas.dashes((x, panel.top), (x, panel.bottom), style::INK, 2.0 * HAIR)?;
        }
        Ok(())
    }
}
