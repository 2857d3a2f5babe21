use plotters::backend::DrawingBackend;

use super::{NEVER_NOTE, SweepChart, in_words};
use crate::figure::{
    style,
    svg::{
        axis::ValueAxis,
        canvas::{Align, Canvas},
        frame::{Area, HAIR, LEAST_PANEL, PAD, TICK, axis_name, draw_title, hatch, name_below, shorten, too_small},
        sheet::wanted_ticks,
    },
};
use crate::report::{
    ReportError,
    number::human,
    sweep::{
        headline::Headline,
        spread::median,
        table::{Column, Sweep, SweptFactor},
    },
};

/// The median of a metric over two factors; a map for each level of a third one, where there is one.
pub(super) struct Surface<'a> {
    headline: Headline,
    across: Side<'a>,
    up: Side<'a>,
    by: Option<&'a SweptFactor>,
    maps: Vec<Map>,
}

/// One map of cells.
struct Map {
    /// The level of the third factor; empty without one.
    level: String,
    /// Row by row from the foot, in each from the left; NaN where there is no run.
    medians: Vec<f64>,
}

/// A factor and its levels along one side of the map.
struct Side<'a> {
    factor: &'a SweptFactor,
    levels: Vec<f64>,
    labels: Vec<String>,
}

/// More cells along a side could not be told apart.
const MAX_LEVELS: usize = 40;

/// More maps would not fit on a page.
const MAX_MAPS: usize = 6;

/// Which factors of a sweep lie across, up, and from map to map; nothing if they are not two or three, of which most
/// combinations of a few levels were run. Of three the one with the fewest levels goes from map to map.
pub(super) fn layout(sweep: &Sweep) -> Option<([&SweptFactor; 2], Option<&SweptFactor>)> {
    let count = |factor: &SweptFactor| factor.levels().len();
    let (pair, by) = match sweep.factors.as_slice() {
        [across, up] => ([across, up], None),
        factors @ [one, other, third] => {
            // Of equal ones the last.
            let by = factors.iter().rev().min_by_key(|factor| count(factor))?;
            let pair = match [one, other, third].map(|factor| factor.key == by.key) {
                [true, ..] => [other, third],
                [_, true, _] => [one, third],
                _ => [one, other],
            };
            (if count(pair[0]) < count(pair[1]) { [pair[1], pair[0]] } else { pair }, Some(by))
        }
        _ => return None,
    };
    let is_grid = pair.iter().all(|factor| count(factor) <= MAX_LEVELS)
        && by.is_none_or(|by| count(by) <= MAX_MAPS)
        && 2 * sweep.points >= sweep.factors.iter().map(count).product();
    is_grid.then_some((pair, by))
}

impl<'a> Side<'a> {
    fn new(factor: &'a SweptFactor) -> Self {
        let levels = factor.levels();
        let labels = levels.iter().map(|&level| factor.label(level)).collect();
        Self { factor, levels, labels }
    }

    fn cell(&self, point: usize) -> Option<usize> {
        let setting = self.factor.settings.get(point)?;
        self.levels.binary_search_by(|level| level.total_cmp(setting)).ok()
    }

    fn count(&self) -> f64 {
        f64::from(u32::try_from(self.levels.len()).unwrap_or(u32::MAX))
    }

    /// The places of the labels that are written, each taking `label` mm, the cells being `cell` mm wide.
    fn shown(&self, label: f64, cell: f64) -> impl Iterator<Item = usize> {
        let every = (1..=self.levels.len()).find(|&every| cell * float(every) >= label);
        (0..self.levels.len()).step_by(every.unwrap_or(self.levels.len()).max(1))
    }
}

/// From one map to the next below it, in the em of its text: the level of the third factor stands there.
const ABOVE_MAP: f64 = 1.7;

fn float(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

impl<'a> Surface<'a> {
    pub(super) fn new(
        sweep: &Sweep,
        ([across, up], by): ([&'a SweptFactor; 2], Option<&'a SweptFactor>),
        column: &Column,
    ) -> Self {
        // Names are read more easily beside the rows than below the columns.
        let (across, up) = if across.is_numeric() || !up.is_numeric() { (across, up) } else { (up, across) };
        let (across, up) = (Side::new(across), Side::new(up));
        let columns = across.levels.len();
        let cell = |point| Some(up.cell(point)? * columns + across.cell(point)?);
        let map = |level: String, is_there: &dyn Fn(usize) -> bool| {
            let cell = |point| if is_there(point) { cell(point) } else { None };
            let medians = sweep.grouped(column, columns * up.levels.len(), cell).into_iter().map(median).collect();
            Map { level, medians }
        };
        let maps = match by.map(Side::new) {
            None => vec![map(String::new(), &|_| true)],
            Some(by) => (0..by.levels.len())
                .map(|level| map(by.labels[level].clone(), &|point| by.cell(point) == Some(level)))
                .collect(),
        };
        Self { headline: column.headline, across, up, by, maps }
    }

    fn medians(&self) -> impl Iterator<Item = f64> {
        self.maps.iter().flat_map(|map| &map.medians).copied()
    }

    fn has_never(&self) -> bool {
        self.medians().any(f64::is_infinite)
    }

    /// The factors in words: pairs of these two, or triples of all.
    fn factors(&self) -> String {
        let (across, up) = (&self.across.factor.key, &self.up.factor.key);
        self.by.map_or_else(|| format!("{across} and {up}"), |by| format!("{across}, {up} and {}", by.key))
    }

    /// The colours' key: a bar with its axis at the right of the map, never on top.
    fn colour_bar<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        axis: &ValueAxis,
        bar: Area,
    ) -> Result<(), ReportError> {
        const STEPS: usize = 60;
        let font = canvas.font;
        let never = if self.has_never() { 1.8 * font } else { 0.0 };
        let scale = Area { top: bar.top + never, ..bar };
        let (_, height) = scale.size();
        for step in 0..STEPS {
            let edge = |step: usize| scale.bottom - height * float(step) / float(STEPS);
            // The overlap leaves no seams.
            let area = Area { top: edge(step + 1), bottom: (edge(step) + 0.1).min(scale.bottom), ..bar };
            canvas.fill(&area.corners(), style::scale((float(step) + 0.5) / float(STEPS)))?;
        }
        let text = bar.right + TICK + 0.6;
        for (value, label) in &axis.ticks {
            let y = scale.bottom - axis.share(*value) * height;
            canvas.line(&[(bar.right, y), (bar.right + TICK, y)], style::NEUTRAL, HAIR)?;
            canvas.text(label, (text, y), Align::Left, style::INK)?;
        }
        if self.has_never() {
            hatch(canvas, Area { bottom: bar.top + 1.2 * font, ..bar }, style::NEUTRAL)?;
            canvas.text("never", (text, bar.top + 0.6 * font), Align::Left, style::INK)?;
        }
        let name = axis_name(self.headline.name, self.headline.unit, axis);
        let name = shorten(canvas, &name, canvas.height - 2.0 * PAD);
        let half = 0.5 * canvas.width_of(&name);
        let middle = f64::midpoint(bar.top, bar.bottom).clamp(PAD + half, (canvas.height - PAD - half).max(PAD + half));
        canvas.text(&name, (canvas.width - PAD - 0.5 * font, middle), Align::Upwards, style::INK)
    }

    fn cells<DB: DrawingBackend>(
        &self,
        canvas: &Canvas<'_, DB>,
        axis: &ValueAxis,
        (medians, map): (&[f64], Area),
    ) -> Result<(), ReportError> {
        let (width, height) = map.size();
        let (wide, high) = (width / self.across.count(), height / self.up.count());
        // A thin line of paper between cells if they are large, else an overlap, which leaves no seams.
        let inset = if wide.min(high) > 4.0 { 0.06 } else { -0.04 };
        let labels: Vec<String> = medians.iter().map(|&median| human(median)).collect();
        // Of all maps, so that none has numbers where another has none.
        let finite = self.medians().filter(|median| median.is_finite());
        let widest = finite.map(|median| canvas.width_of(&human(median))).fold(0.0, f64::max);
        let is_labelled = widest <= 0.94 * wide && 1.2 * canvas.font <= high;
        let columns = self.across.levels.len();
        for (place, (&median, label)) in medians.iter().zip(&labels).enumerate() {
            let (left, bottom) = (map.left + float(place % columns) * wide, map.bottom - float(place / columns) * high);
            let cell = Area {
                left: left + inset,
                right: left + wide - inset,
                top: bottom - high + inset,
                bottom: bottom - inset,
            };
            if median.is_infinite() {
                hatch(canvas, cell, style::NEUTRAL)?;
            } else if median.is_finite() {
                let colour = style::scale(axis.share(median));
                canvas.fill(&cell.corners(), colour)?;
                if is_labelled {
                    let middle = (left + 0.5 * wide, bottom - 0.5 * high);
                    canvas.text(label, middle, Align::Centre, style::ink_on(colour))?;
                }
            }
        }
        let mut outline = map.corners().to_vec();
        outline.push(outline[0]);
        canvas.line(&outline, style::NEUTRAL, 1.5 * HAIR)
    }

    /// Labels of the columns and the names of both sides, the left one beside all maps.
    fn names<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, (map, top): (Area, f64)) -> Result<(), ReportError> {
        let font = canvas.font;
        let (width, _) = map.size();
        let wide = width / self.across.count();
        let widest = self.across.labels.iter().map(|label| canvas.width_of(label)).fold(0.0, f64::max);
        // Numbers between others can be left out, names cannot.
        let needed = if self.across.factor.is_numeric() { widest + 0.5 * font } else { wide };
        for place in self.across.shown(needed, wide) {
            let x = map.left + (float(place) + 0.5) * wide;
            canvas.line(&[(x, map.bottom), (x, map.bottom + TICK)], style::NEUTRAL, 1.5 * HAIR)?;
            let label = shorten(canvas, &self.across.labels[place], needed.max(wide) - 0.3 * font);
            canvas.text(&label, (x, map.bottom + TICK + 0.75 * font), Align::Centre, style::INK)?;
        }
        let key = shorten(canvas, &self.up.factor.key, canvas.height - 2.0 * PAD);
        let half = 0.5 * canvas.width_of(&key);
        let middle = f64::midpoint(top, map.bottom).clamp(PAD + half, (canvas.height - PAD - half).max(PAD + half));
        canvas.text(&key, (PAD + 0.6 * font, middle), Align::Upwards, style::INK)?;
        let y = map.bottom + TICK + 2.0 * font;
        name_below(canvas, &self.across.factor.key, (map.left, map.right), y)
    }

    /// Labels of the rows.
    fn rows<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, map: Area, room: f64) -> Result<(), ReportError> {
        let (_, height) = map.size();
        let high = height / self.up.count();
        for place in self.up.shown(1.2 * canvas.font, high) {
            let y = map.bottom - (float(place) + 0.5) * high;
            canvas.line(&[(map.left - TICK, y), (map.left, y)], style::NEUTRAL, 1.5 * HAIR)?;
            let label = shorten(canvas, &self.up.labels[place], room);
            canvas.text(&label, (map.left - TICK - 0.6, y), Align::Right, style::INK)?;
        }
        Ok(())
    }
}

impl SweepChart for Surface<'_> {
    fn title(&self) -> String {
        // The sides have the whole keys.
        let short = |factor: &SweptFactor| factor.key.rsplit('.').next().unwrap_or_default().to_owned();
        let (across, up) = (short(self.across.factor), short(self.up.factor));
        let factors =
            self.by.map_or_else(|| format!("{across} and {up}"), |by| format!("{across}, {up} and {}", short(by)));
        format!("{} by {factors}", self.headline.name)
    }

    fn caption(&self) -> String {
        let never =
            if self.has_never() { format!(" {NEVER_NOTE} Hatched: the median is never.") } else { String::new() };
        let maps = self.by.map_or_else(String::new, |by| format!(" A map for each {}.", by.key));
        format!("Median over replicas for each combination of {}.{maps}{never}", self.factors())
    }

    fn alt(&self) -> String {
        let columns = self.across.levels.len();
        let cells = |map: &'_ Map| map.medians.iter().copied().enumerate().collect::<Vec<_>>();
        let known = || {
            let all = self
                .maps
                .iter()
                .flat_map(|map| cells(map).into_iter().map(move |(place, median)| (map, place, median)));
            all.filter(|(_, _, median)| !median.is_nan())
        };
        let words = |found: Option<(&Map, usize, f64)>| {
            found.map_or_else(
                || "unknown".into(),
                |(map, place, median)| {
                    let value = in_words(self.headline, median);
                    let (across, up) = (&self.across.labels[place % columns], &self.up.labels[place / columns]);
                    match self.by {
                        None => format!("{value} at {across} and {up}"),
                        Some(_) => format!("{value} at {across}, {up} and {}", map.level),
                    }
                },
            )
        };
        format!(
            "Median of {} over {}: lowest {}, highest {}.",
            self.headline.name,
            self.factors(),
            words(known().min_by(|a, b| a.2.total_cmp(&b.2))),
            words(known().max_by(|a, b| a.2.total_cmp(&b.2))),
        )
    }

    fn height(&self, width: f64, font: f64) -> f64 {
        if self.by.is_none() {
            return if width < 120.0 { 64.0 } else { 96.0 };
        }
        let map = (2.2 * font * self.up.count()).clamp(14.0, 60.0) + ABOVE_MAP * font;
        2.0 * PAD + TICK + 3.4 * font + float(self.maps.len()) * map
    }

    fn draw<DB: DrawingBackend>(&self, canvas: &Canvas<'_, DB>, title: Option<&str>) -> Result<(), ReportError> {
        let font = canvas.font;
        let top = draw_title(canvas, title)? + 0.6 * font;
        let room = 0.26 * canvas.width;
        let widest = self.up.labels.iter().map(|label| canvas.width_of(label)).fold(0.0, f64::max).min(room);
        let axis = ValueAxis::over(self.medians(), wanted_ticks(canvas.height, 1, font));
        let labels = axis.labels().chain(self.has_never().then_some("never"));
        let right = labels.map(|label| canvas.width_of(label)).fold(0.0, f64::max) + 1.8 * font + TICK + 0.6;
        let bottom = canvas.height - PAD - TICK - 2.8 * font;
        let bar_right = canvas.width - PAD - right;
        let bar = Area { left: bar_right - 1.3 * font, right: bar_right, top, bottom };
        let left = PAD + 1.8 * font + widest + TICK + 0.8;
        let right = bar.left - 1.2 * font;
        let above = if self.by.is_some() { ABOVE_MAP * font } else { 0.0 };
        let height = (bottom - top) / float(self.maps.len()) - above;
        if right - left < 2.0 * LEAST_PANEL || height < LEAST_PANEL {
            return Err(too_small(canvas));
        }
        let mut lowest = bar;
        for (place, map) in self.maps.iter().enumerate() {
            let top = top + float(place) * (above + height) + above;
            let area = Area { left, right, top, bottom: top + height };
            if let Some(by) = self.by {
                let level = format!("{} = {}", by.key, map.level);
                let level = shorten(canvas, &level, right - left);
                canvas.text(&level, (left, top - 0.7 * font), Align::Left, style::INK)?;
            }
            self.cells(canvas, &axis, (&map.medians, area))?;
            self.rows(canvas, area, room)?;
            lowest = area;
        }
        self.names(canvas, (lowest, top + above))?;
        self.colour_bar(canvas, &axis, Area { top: top + above, ..bar })
    }
}
