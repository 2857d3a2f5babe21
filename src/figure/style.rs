//! The style of all charts: each meaning has one colour, and sizes are in millimetres of the printed figure.
//!
//! The hues are taken from Okabe and Ito and from Paul Tol and can be distinguished with the common kinds of colour
//! blindness; where several are stacked they also fall from light to dark, so that they stay apart in grey.

use std::str::FromStr;

use plotters::style::RGBColor;

use crate::report::ReportError;

/// Text and axes.
pub(crate) const INK: RGBColor = RGBColor(34, 34, 34);
/// Lines of reference behind the data.
pub(crate) const RULE: RGBColor = RGBColor(228, 228, 228);
/// Colour of legend entries that apply to all colours.
pub(crate) const NEUTRAL: RGBColor = RGBColor(90, 90, 90);
/// The sheet.
pub(crate) const PAPER: RGBColor = RGBColor(255, 255, 255);

pub(crate) const HASHRATE: RGBColor = RGBColor(0, 114, 178);
pub(crate) const DIFFICULTY: RGBColor = RGBColor(51, 34, 136);
pub(crate) const HASHPRICE: RGBColor = RGBColor(0, 128, 96);
pub(crate) const PRICE: RGBColor = RGBColor(68, 68, 68);
/// Difficulty rises.
pub(crate) const EASE: RGBColor = RGBColor(0, 114, 178);
/// Difficulty falls.
pub(crate) const STRESS: RGBColor = RGBColor(213, 94, 0);

pub(crate) const SOLD_VOLUNTARY: RGBColor = RGBColor(136, 204, 238);
pub(crate) const SOLD_FORCED: RGBColor = RGBColor(213, 94, 0);
pub(crate) const SOLD_LIQUIDATION: RGBColor = RGBColor(102, 17, 51);

/// Coins held: a darker tone of the colour of voluntary sales.
pub(crate) const HELD: RGBColor = RGBColor(0, 90, 140);
pub(crate) const POWER: RGBColor = RGBColor(170, 85, 0);
/// CO2.
pub(crate) const EMISSIONS: RGBColor = RGBColor(90, 60, 40);
pub(crate) const RUNWAY: RGBColor = RGBColor(0, 128, 96);
/// Owners and their shares.
pub(crate) const OWNERS: RGBColor = RGBColor(136, 34, 85);

/// Dates in their order, from light to dark.
pub(crate) const DATES: [RGBColor; 4] =
    [RGBColor(0, 158, 200), RGBColor(213, 94, 0), RGBColor(51, 34, 136), RGBColor(34, 34, 34)];

/// Classes of miners, in the order of the scenario; lines of them are broken differently too.
pub(crate) const CLASSES: [RGBColor; 8] = [
    RGBColor(0, 68, 136),
    RGBColor(213, 94, 0),
    RGBColor(0, 128, 96),
    RGBColor(170, 51, 119),
    RGBColor(34, 34, 34),
    RGBColor(221, 160, 20),
    RGBColor(51, 160, 220),
    RGBColor(120, 120, 120),
];

/// From the most efficient machines, dark, to the least: *cividis*, which grows evenly lighter.
const EFFICIENCY: [RGBColor; 6] = [
    RGBColor(0, 34, 78),
    RGBColor(53, 69, 108),
    RGBColor(102, 105, 112),
    RGBColor(148, 142, 119),
    RGBColor(200, 184, 102),
    RGBColor(253, 231, 55),
];

/// The colour of class `place` of `count` classes of efficiency, the most efficient first.
pub(crate) fn efficiency(place: usize, count: usize) -> RGBColor {
    let steps = EFFICIENCY.len() - 1;
    if count < 2 {
        return EFFICIENCY[1];
    }
    let scaled = place * steps;
    let (below, rest) = (scaled / (count - 1), scaled % (count - 1));
    let above = (below + 1).min(steps);
    mix(EFFICIENCY[below], EFFICIENCY[above], rest, count - 1)
}

/// As [`efficiency`], for a line, which on paper must not be as pale as the end of the scale.
pub(crate) fn efficiency_of_line(place: usize, count: usize) -> RGBColor {
    efficiency(place, count + count.div_ceil(2))
}

/// The colour of a value that lies at `share` (0 to 1) of a scale: from dark, low, to light, high.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 <= share <= 1")]
pub(super) fn scale(share: f64) -> RGBColor {
    efficiency((share.clamp(0.0, 1.0) * 1000.0).round() as usize, 1001)
}

/// Black or white, whichever is read more easily on `colour`.
pub(super) fn ink_on(colour: RGBColor) -> RGBColor {
    let luma = 3 * u32::from(colour.0) + 6 * u32::from(colour.1) + u32::from(colour.2);
    if luma < 1300 { PAPER } else { INK }
}

/// How much paler than its median the inner band of a fan is, percent...
pub(crate) const HALF_PALE: usize = 50;
/// ...and the outer one.
pub(crate) const MOST_PALE: usize = 78;
/// Of a band that holds ignorance too, by which it is still paler.
pub(crate) const PALEST: usize = 90;
/// How much paler machines are that stand idle.
pub(crate) const IDLE_PALE: usize = 55;

/// The same meaning, said more quietly: `percent` of the way to white.
pub(crate) fn pale(colour: RGBColor, percent: usize) -> RGBColor {
    mix(colour, PAPER, percent, 100)
}

fn mix(from: RGBColor, to: RGBColor, part: usize, whole: usize) -> RGBColor {
    let blend = |from: u8, to: u8| {
        let value = (usize::from(from) * (whole - part) + usize::from(to) * part) / whole;
        u8::try_from(value).unwrap_or(u8::MAX)
    };
    RGBColor(blend(from.0, to.0), blend(from.1, to.1), blend(from.2, to.2))
}

/// The colours by what they mean, such as `#0072b2`, for charts that others draw of the same columns: whatever a column's name contains.
#[must_use]
pub fn palette() -> [(&'static str, String); 14] {
    let colours = [
        ("ink", INK),
        ("rule", RULE),
        ("neutral", NEUTRAL),
        ("hashrate", HASHRATE),
        ("difficulty", DIFFICULTY),
        ("hashprice", HASHPRICE),
        ("price", PRICE),
        ("underwater", STRESS),
        ("sold_voluntary", SOLD_VOLUNTARY),
        ("sold_forced", SOLD_FORCED),
        ("sold_liquidation", SOLD_LIQUIDATION),
        ("coins_held", HELD),
        ("power", POWER),
        ("co2", EMISSIONS),
    ];
    colours.map(|(meaning, colour)| (meaning, hex(colour)))
}

/// The colour in CSS notation.
pub(crate) fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Size and style of figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FigureStyle {
    /// On paper.
    pub size: FigureSize,
    /// Whether the title stands on the figure; a journal wants it in the caption.
    pub titles: bool,
}

impl Default for FigureStyle {
    fn default() -> Self {
        Self { size: FigureSize::Page, titles: true }
    }
}

/// The size of a figure on paper.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FigureSize {
    /// One column of a journal, 85 mm; a figure of several panels is taller.
    Column,
    /// The width of a page, 170 mm; a figure of several panels is taller.
    Page,
    /// Exactly this.
    Exact {
        /// Millimetres.
        width_mm: f64,
        /// Millimetres.
        height_mm: f64,
    },
}

impl FigureSize {
    /// Width and height in millimetres of a figure of this number of stacked panels.
    #[expect(clippy::cast_precision_loss, reason = "a count of panels")]
    pub(super) fn millimetres(self, panels: usize) -> (f64, f64) {
        let rows = panels.max(1) as f64;
        match self {
            Self::Column => (85.0, (36.0 + 28.0 * rows).min(1000.0)),
            Self::Page => (170.0, (60.0 + 32.0 * rows).min(1000.0)),
            Self::Exact { width_mm, height_mm } => (width_mm, height_mm),
        }
    }

    /// Height of the letters' em in millimetres: 7 pt in a column, 8.5 pt on a page.
    pub(super) fn font_mm(width_mm: f64) -> f64 {
        const POINT_MM: f64 = 25.4 / 72.0;
        POINT_MM * (7.0 + (width_mm - 85.0) * 1.5 / 85.0).clamp(6.5, 12.0)
    }
}

impl FromStr for FigureSize {
    type Err = ReportError;

    /// `column`, `page`, `170x95mm` or `640x400px`; bare numbers are pixels, 96 to the inch.
    fn from_str(text: &str) -> Result<Self, ReportError> {
        const PIXEL_MM: f64 = 25.4 / 96.0;
        let refuse = |problem| ReportError::BadFigureSize { text: text.into(), problem };
        match text {
            "column" => return Ok(Self::Column),
            "page" => return Ok(Self::Page),
            _ => {}
        }
        let (numbers, unit_mm) = match (text.strip_suffix("mm"), text.strip_suffix("px")) {
            (Some(numbers), _) => (numbers, 1.0),
            (_, Some(numbers)) => (numbers, PIXEL_MM),
            (None, None) => (text, PIXEL_MM),
        };
        let (width, height) = numbers.split_once('x').ok_or_else(|| refuse("neither a name nor WIDTHxHEIGHT"))?;
        let length = |text: &str| {
            // `85mmx60mm` is as clear as `85x60mm`.
            let text = if unit_mm < 1.0 { text.trim_end_matches("px") } else { text.trim_end_matches("mm") };
            text.trim().parse::<f64>().map(|value| value * unit_mm)
        };
        let (Ok(width_mm), Ok(height_mm)) = (length(width), length(height)) else {
            return Err(refuse("width or height is not a number"));
        };
        if !(50.0..=1000.0).contains(&width_mm) || !(40.0..=1000.0).contains(&height_mm) {
            return Err(refuse("a figure is 50 to 1000 mm wide and 40 to 1000 mm high"));
        }
        Ok(Self::Exact { width_mm, height_mm })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_pixels_and_millimetres() {
        let exact = |width_mm, height_mm| FigureSize::Exact { width_mm, height_mm };
        assert_eq!("column".parse::<FigureSize>().unwrap(), FigureSize::Column);
        assert_eq!("page".parse::<FigureSize>().unwrap(), FigureSize::Page);
        assert_eq!("85x60mm".parse::<FigureSize>().unwrap(), exact(85.0, 60.0));
        assert_eq!("85mmx60mm".parse::<FigureSize>().unwrap(), exact(85.0, 60.0));
        assert_eq!("960x480".parse::<FigureSize>().unwrap(), exact(254.0, 127.0));
        assert_eq!("960x480px".parse::<FigureSize>().unwrap(), exact(254.0, 127.0));
        for bad in ["", "wide", "85mm", "axb", "NaNx60mm", "infx60mm", "1x60mm", "-85x60mm", "85x9999mm"] {
            assert!(bad.parse::<FigureSize>().is_err(), "{bad}");
        }
    }

    #[test]
    fn efficiency_grows_lighter_from_class_to_class() {
        let luma = |c: RGBColor| 3 * u32::from(c.0) + 6 * u32::from(c.1) + u32::from(c.2);
        for count in 2..=8 {
            for place in 1..count {
                assert!(luma(efficiency(place, count)) > luma(efficiency(place - 1, count)) + 40);
            }
        }
    }

    #[test]
    fn a_scale_grows_lighter_evenly_and_can_be_written_on() {
        let luma = |c: RGBColor| 0.299 * f64::from(c.0) + 0.587 * f64::from(c.1) + 0.114 * f64::from(c.2);
        let steps: Vec<f64> = (0..=20).map(|step| luma(scale(f64::from(step) / 20.0))).collect();
        for pair in steps.windows(2) {
            assert!((6.0..15.0).contains(&(pair[1] - pair[0])), "{steps:?}");
        }
        for step in 0..=20 {
            let colour = scale(f64::from(step) / 20.0);
            assert!((luma(ink_on(colour)) - luma(colour)).abs() > 90.0, "{colour:?}");
        }
    }

    #[test]
    fn stacked_colours_differ_in_grey() {
        let luma = |c: RGBColor| 3 * u32::from(c.0) + 6 * u32::from(c.1) + u32::from(c.2);
        assert!(luma(SOLD_VOLUNTARY) > luma(SOLD_FORCED) + 300);
        assert!(luma(SOLD_FORCED) > luma(SOLD_LIQUIDATION) + 300);
    }
}
