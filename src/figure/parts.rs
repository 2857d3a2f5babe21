//! The description of a chart before it is drawn: stacked panels over one axis, each with its layers.

use std::{borrow::Cow, sync::Arc};

use plotters::style::RGBColor;

use super::instant::{day, seconds, whole};
use crate::report::{bands::Band, marks::Retarget};

/// A chart, described once. [`super::svg`] draws it for paper and [`super::uplot`] for the page.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    /// The stem of its file's name, and its anchor on the page.
    pub name: String,
    /// Title.
    pub title: String,
    /// The part of the page in which it stands.
    pub part: Part,
    /// The part of the caption that concerns all panels.
    pub note: String,
    /// Text alternative for readers who cannot see it.
    pub alt: String,
    /// The axis along the foot.
    pub across: Across,
    /// The uppermost first.
    pub panels: Vec<Panel<'a>>,
    /// Events, as lines across all panels, in order of time.
    pub marks: Vec<Mark>,
    /// How many replicas there are in its fans.
    pub replicas: usize,
    /// What its fans are computed over, if not replicas.
    pub fans_of: Option<&'static str>,
    /// The quantity shown by the colours of cells, and its unit. All panels share one colour scale.
    pub cells_of: Option<(String, String)>,
    /// Whether its panels are the pairs of some quantities. They then stand below a diagonal, row by row.
    pub is_of_pairs: bool,
}

/// The parts of a page, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Drawn assumptions on which the answer depends.
    HangsOn,
    /// Hashrate, difficulty and hashprice.
    Network,
    /// Running and idle machines, and their power.
    Machines,
    /// The price, and miners' sales.
    Market,
    /// Survival of firms, and concentration of hashrate.
    Firms,
    /// Columns of the tables that have no other place.
    Others,
}

impl Part {
    /// As a heading.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::HangsOn => "What the answer hangs on",
            Self::Network => "Network",
            Self::Machines => "Machines and power",
            Self::Market => "Price and coins",
            Self::Firms => "Firms",
            Self::Others => "Other columns",
        }
    }
}

/// The horizontal axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Across {
    /// Seconds since 1970, from the first to the last.
    Time(f64, f64),
    /// A quantity with its unit.
    Number {
        /// What it measures.
        quantity: String,
        /// Empty if it has none.
        unit: String,
    },
    /// Columns at the places 0, 1, 2 and so on, each with a name.
    Names {
        /// The quantity that they name.
        quantity: String,
        /// The names, from the left.
        names: Vec<String>,
    },
    /// Rows at the places 0, 1, 2 and so on, each with a name. Values run from the left to the right.
    Rows(Vec<String>),
}

/// One axis of values, and what is drawn on it.
#[derive(Clone, Debug, Default)]
pub struct Panel<'a> {
    /// A few words, for the panel by itself.
    pub title: String,
    /// What the axis measures; empty where only shapes matter, and no axis is drawn.
    pub quantity: String,
    /// In what unit.
    pub unit: String,
    /// Caption, in whole sentences.
    pub note: String,
    /// The table columns that it shows; no other figure of these columns is needed.
    pub columns: Vec<&'static str>,
    /// Values are multiplied by this before they are drawn.
    pub factor: f64,
    /// Values that the axis holds in any case.
    pub holds: Vec<f64>,
    /// What stands at some ticks instead of their numbers.
    pub tick_words: Vec<(f64, &'static str)>,
    /// Whether the panel deserves the whole width of a page.
    pub is_wide: bool,
    /// Names along the axis of values, the lowest first, where rows of cells take the place of numbers.
    pub rows: Vec<String>,
    /// The lowest and highest place across, and the lowest and highest value, where the axes are to end exactly there.
    pub span: Option<[(f64, f64); 2]>,
    /// A few letters in the upper right corner.
    pub badge: String,
    /// Its own axis along the foot. Panels that have one stand side by side, and there is no common axis.
    pub across: Option<Across>,
    /// In the order in which they are drawn.
    pub layers: Vec<Layer<'a>>,
    /// Changes of difficulty, as ticks along the foot.
    pub retargets: Vec<Retarget>,
}

/// What is drawn over places along the foot: one or a few entries of the legend.
#[derive(Clone, Debug)]
pub struct Layer<'a> {
    /// As the legend says it; a fan's name stands before the names of its parts.
    pub name: String,
    /// What it and others are called together in the legend on paper.
    pub together: Option<&'static str>,
    /// Its meaning, as [`super::style`] has it.
    pub colour: RGBColor,
    /// Places along the foot, in rising order.
    pub x: Arc<[f64]>,
    /// What is drawn there.
    pub shape: Shape<'a>,
    /// What lies between two places.
    pub course: Course,
    /// Whether it is only drawn on paper.
    pub is_paper_only: bool,
}

/// How values are drawn; where one is not finite there is a gap.
#[derive(Clone, Debug)]
pub enum Shape<'a> {
    /// Bands and median over replicas.
    Fan(Cow<'a, Band>),
    /// A line.
    Line(Vec<f64>, Dash, Weight),
    /// The area between two lines. The number is the percentage by which its colour is paler than the colour of the layer.
    Area(Vec<f64>, Vec<f64>, usize),
    /// An area on top of those before it in its panel; where the flag is set it is pale and striped.
    Stack(Vec<f64>, bool),
    /// A sign at each place.
    Points(Vec<f64>, Sign),
    /// In each row a bar between two values, which takes this share of the row's height.
    Bars(Vec<f64>, Vec<f64>, f64),
    /// A text at each value, on one side of it.
    Words(Vec<f64>, Vec<String>, Side),
    /// A cell at each place, coloured by its value. Each such layer is a row of cells, the first the lowest.
    Cells(Vec<f64>),
}

/// On which side of a value a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Towards lower values.
    Below,
    /// Towards higher values.
    Above,
}

/// What stands at a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// With paper in it.
    Ring,
    /// A small one.
    Diamond,
    /// A small dot, one of many.
    Dot,
    /// A square, which stands out among dots.
    Square,
    /// A stroke across a row.
    Stroke,
}

/// Whether a value holds until the next one or moves towards it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Course {
    /// It moves.
    #[default]
    Straight,
    /// It holds.
    Steps,
}

/// How a line is broken, so that lines stay apart in grey too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dash {
    /// Unbroken.
    #[default]
    Solid,
    /// Long strokes.
    Dashed,
    /// Points.
    Dotted,
    /// Strokes and points in turn.
    Alternating,
}

/// How thick a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// The main data.
    #[default]
    Full,
    /// A reference for comparison.
    Light,
    /// One of many.
    Thin,
}

/// An event and its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Where it stands along the foot.
    pub at: f64,
    /// As written beside its line.
    pub label: String,
}

impl Dash {
    /// One for each of several lines; from the fifth on they come again.
    #[must_use]
    pub fn of(place: usize) -> Self {
        [Self::Solid, Self::Dashed, Self::Dotted, Self::Alternating][place % 4]
    }
}

impl<'a> Figure<'a> {
    /// A figure by itself, with nothing drawn yet.
    #[must_use]
    pub fn new(name: impl Into<String>, title: impl Into<String>, across: Across, panels: Vec<Panel<'a>>) -> Self {
        Self {
            name: name.into(),
            title: title.into(),
            part: Part::Others,
            note: String::new(),
            alt: String::new(),
            across,
            panels,
            marks: Vec::new(),
            replicas: 2,
            fans_of: None,
            cells_of: None,
            is_of_pairs: false,
        }
    }

    /// The full caption: what is shown, how it was computed, and what is left out.
    #[must_use]
    pub fn caption(&self) -> String {
        let places: &[&str] = match self.panels.len() {
            _ if self.panels.iter().skip(1).all(|panel| panel.note.is_empty()) => &[""],
            2 => &["Above: ", "Below: "],
            _ => &["Above: ", "In the middle: ", "Below: "],
        };
        let notes = self.panels.iter().zip(places).map(|(panel, place)| format!("{place}{}", panel.note));
        let mut sentences: Vec<String> = notes.collect();
        sentences.extend([self.note.clone(), self.note_of_marks()]);
        sentences.retain(|sentence| !sentence.is_empty());
        sentences.join(" ")
    }

    /// What the caption says of the lines that mark events; it lists them where their names may not all have room.
    fn note_of_marks(&self) -> String {
        const ROOM: usize = 4;
        match self.marks.len() {
            0 => String::new(),
            1..=ROOM => "Dashed lines: events of the first replica.".into(),
            _ => {
                let listed = self.marks.iter().map(|mark| format!("{}, {}", mark.label, day(whole(mark.at))));
                format!("Dashed lines: events of the first replica: {}.", listed.collect::<Vec<_>>().join("; "))
            }
        }
    }
}

impl<'a> Panel<'a> {
    /// A panel on which nothing is drawn yet.
    #[must_use]
    pub fn new(quantity: &str, unit: &str) -> Self {
        let (title, quantity, unit) = (quantity.to_owned(), quantity.to_owned(), unit.to_owned());
        Self { title, quantity, unit, factor: 1.0, ..Self::default() }
    }

    /// With the words that it is shown with by itself.
    #[must_use]
    pub fn said(mut self, title: &str, note: impl Into<String>) -> Self {
        title.clone_into(&mut self.title);
        self.note = note.into();
        self
    }

    /// Which shows these columns.
    #[must_use]
    pub fn of(mut self, columns: &[&'static str]) -> Self {
        self.columns.extend_from_slice(columns);
        self
    }

    /// With one layer more.
    #[must_use]
    pub fn with(mut self, layer: Layer<'a>) -> Self {
        self.layers.push(layer);
        self
    }

    /// The band over replicas that it shows, if it shows one.
    #[must_use]
    pub fn fan(&self) -> Option<&Band> {
        self.layers.iter().find_map(Layer::fan)
    }

    /// Whether lengths on it are read: its axis begins at zero.
    #[must_use]
    pub fn is_from_zero(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer.shape, Shape::Stack(..)))
    }

    /// The sums of the stacked layers up to each of them, the first being zero; each with the places at which it is known.
    #[must_use]
    pub fn edges(&self) -> Vec<Vec<f64>> {
        let mut edges: Vec<Vec<f64>> = Vec::new();
        for layer in &self.layers {
            if let Shape::Stack(values, _) = &layer.shape {
                let below = edges.last().cloned().unwrap_or_else(|| vec![0.0; values.len()]);
                let top = below.iter().zip(values).map(|(below, value)| below + value).collect();
                if edges.is_empty() {
                    edges.push(below);
                }
                edges.push(top);
            }
        }
        edges
    }
}

impl<'a> Layer<'a> {
    /// A layer of any shape.
    #[must_use]
    pub fn new(name: impl Into<String>, colour: RGBColor, x: &Arc<[f64]>, shape: Shape<'a>) -> Self {
        let (name, x, course) = (name.into(), Arc::clone(x), Course::Straight);
        Self { name, together: None, colour, x, shape, course, is_paper_only: false }
    }

    /// A thick line.
    #[must_use]
    pub fn line(name: impl Into<String>, colour: RGBColor, x: &Arc<[f64]>, values: Vec<f64>) -> Self {
        Self::new(name, colour, x, Shape::Line(values, Dash::Solid, Weight::Full))
    }

    /// Its band over replicas, if it is a fan.
    #[must_use]
    pub fn fan(&self) -> Option<&Band> {
        if let Shape::Fan(band) = &self.shape { Some(band) } else { None }
    }

    /// The same line, broken and of another weight.
    #[must_use]
    pub fn drawn(mut self, dash: Dash, weight: Weight) -> Self {
        if let Shape::Line(_, to, thick) = &mut self.shape {
            (*to, *thick) = (dash, weight);
        }
        self
    }

    /// Each value of which holds until the next.
    #[must_use]
    pub fn in_steps(mut self) -> Self {
        self.course = Course::Steps;
        self
    }
}

/// The label of the line of a fan in which replicas do not differ.
pub(crate) fn alone(replicas: usize) -> &'static str {
    if replicas > 1 { "every replica" } else { "the only replica" }
}

/// Places along an axis of time.
#[must_use]
pub fn instants(times: &[i64]) -> Arc<[f64]> {
    times.iter().map(|&time| seconds(time)).collect()
}

/// Whether replicas differ anywhere.
#[must_use]
pub fn varies(band: &Band) -> bool {
    band.fan.p05.iter().zip(&band.fan.p95).any(|(low, high)| low < high)
}

/// A factor that makes the numbers of a fan short, and the unit that they then have.
#[must_use]
pub fn shortened(band: &Band, unit: &str) -> (f64, String) {
    const SCALES: [(f64, &str); 3] = [(1e12, "trillion"), (1e9, "billion"), (1e6, "million")];
    let values = band.fan.p05.iter().chain(&band.fan.p95).filter(|value| value.is_finite());
    let most = values.fold(0.0, |most: f64, value| most.max(value.abs()));
    match SCALES.into_iter().find(|&(scale, _)| most >= scale) {
        Some((scale, word)) if matches!(unit, "" | "USD" | "BTC") => {
            (1.0 / scale, format!("{word} {unit}").trim_end().to_owned())
        }
        _ => (1.0, unit.into()),
    }
}
