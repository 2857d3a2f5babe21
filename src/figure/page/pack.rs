//! The data of a page: what its script is handed, as one block of JSON.

use std::collections::BTreeMap;

use plotters::style::RGBColor;
use serde::Serialize;

/// A column of numbers: whole steps of 10^`e`, each as its difference from the last one that there was. Neighbours are
/// alike, so most differences have a digit or two.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Packed {
    e: i32,
    d: Vec<Option<i64>>,
}

impl Packed {
    /// `values` with so many significant digits of the greatest; what is no finite number is `null`.
    pub(crate) fn new(values: &[f64], digits: i32) -> Self {
        let most = values.iter().filter(|value| value.is_finite()).fold(0.0, |most: f64, value| most.max(value.abs()));
        #[expect(clippy::cast_possible_truncation, reason = "the logarithm of a finite number")]
        let e = if most > 0.0 { libm::log10(most).floor() as i32 + 1 - digits } else { 0 };
        // Powers of ten above one are exact, so that 0.1 steps are tenths.
        let power = libm::pow(10.0, f64::from(e.abs()));
        let mut last = 0;
        let d = values.iter().map(|&value| {
            let steps = if e < 0 { value * power } else { value / power };
            #[expect(clippy::cast_possible_truncation, reason = "rounded, and of a few digits")]
            let step = steps.is_finite().then(|| steps.round() as i64)?;
            let difference = step - last;
            last = step;
            Some(difference)
        });
        Self { e, d: d.collect() }
    }

    /// Instants in seconds, exactly.
    pub(crate) fn instants(times: &[i64]) -> Self {
        let mut last = 0;
        let difference = |&time: &i64| Some(time - std::mem::replace(&mut last, time));
        Self { e: 0, d: times.iter().map(difference).collect() }
    }
}

/// What the script of a page is handed.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Block {
    pub(crate) axes: BTreeMap<&'static str, Axis>,
    pub(crate) charts: Vec<Spec>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) replicas: Option<Replicas>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sweep: Option<super::explorer::Explorer>,
}

impl Block {
    /// As it stands in the page: no text in it can end its element.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers and strings can be written as JSON").replace('<', "\\u003c")
    }
}

/// What lies along the foot of charts; they share cursor and zoom.
#[derive(Debug, Serialize)]
pub(crate) struct Axis {
    /// `time`, in seconds since 1970, or `number`.
    pub(crate) kind: &'static str,
    pub(crate) label: &'static str,
    pub(crate) x: Packed,
}

/// A chart: what its script draws.
#[derive(Debug, Serialize)]
pub(crate) struct Spec {
    pub(crate) id: String,
    pub(crate) axis: &'static str,
    pub(crate) wide: bool,
    /// Whether the scale begins at zero.
    pub(crate) zero: bool,
    pub(crate) marks: Vec<Mark>,
    pub(crate) layers: Vec<Layer>,
}

/// A line across the time axis.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Mark {
    pub(crate) at: i64,
    pub(crate) label: String,
}

/// What can be shown or hidden: an entry of the legend.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Layer {
    /// `band`, `line` or `stack`.
    pub(crate) kind: &'static str,
    pub(crate) label: String,
    pub(crate) colour: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) alpha: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dash: Option<[u8; 2]>,
    pub(crate) step: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) values: Option<Packed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) low: Option<Packed>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) high: Option<Packed>,
}

/// Digits of what is drawn.
pub(crate) const DIGITS: i32 = 5;

impl Layer {
    /// An area between two courses.
    pub(crate) fn band(label: &str, colour: RGBColor, alpha: f64, low: &[f64], high: &[f64]) -> Self {
        Self {
            kind: "band",
            label: label.into(),
            colour: hex(colour),
            alpha: Some(alpha),
            low: Some(Packed::new(low, DIGITS)),
            high: Some(Packed::new(high, DIGITS)),
            ..Self::default()
        }
    }

    /// A course.
    pub(crate) fn line(label: &str, colour: RGBColor, values: &[f64]) -> Self {
        let values = Some(Packed::new(values, DIGITS));
        Self { kind: "line", label: label.into(), colour: hex(colour), values, ..Self::default() }
    }

    /// An area on top of the ones before it.
    pub(crate) fn stack(label: &str, colour: RGBColor, values: &[f64]) -> Self {
        Self { kind: "stack", ..Self::line(label, colour, values) }
    }

    /// Constant from instant to instant.
    pub(crate) fn stepped(mut self) -> Self {
        self.step = true;
        self
    }

    /// Broken.
    pub(crate) fn dashed(mut self) -> Self {
        self.dash = Some([6, 4]);
        self
    }
}

/// The histories that can be picked.
#[derive(Debug, Serialize)]
pub(crate) struct Replicas {
    /// By chart, by replica.
    pub(crate) paths: BTreeMap<String, Vec<Packed>>,
    /// One per replica.
    pub(crate) labels: Vec<String>,
    /// A few words and the replica that they describe.
    pub(crate) typical: Vec<(String, usize)>,
}

pub(crate) fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: &Packed) -> Vec<Option<f64>> {
        let power = libm::pow(10.0, f64::from(packed.e.abs()));
        let mut sum = 0;
        let value = |difference: &Option<i64>| {
            sum += (*difference)?;
            #[expect(clippy::cast_precision_loss, reason = "a few digits")]
            let steps = sum as f64;
            Some(if packed.e < 0 { steps / power } else { steps * power })
        };
        packed.d.iter().map(value).collect()
    }

    #[test]
    fn numbers_survive_packing_to_their_digits() {
        let values = [53.304, 53.29, f64::NAN, 48.0006, -0.004, f64::INFINITY, 99.999_6];
        let packed = Packed::new(&values, 4);
        assert_eq!((packed.e, packed.d[1], packed.d[2]), (-2, Some(-1), None));
        for (value, back) in values.iter().zip(unpacked(&packed)) {
            match back {
                Some(back) => assert!((value - back).abs() <= 0.005, "{value} {back}"),
                None => assert!(!value.is_finite()),
            }
        }
        let large = Packed::new(&[1.508e14, 1.531e14], 4);
        assert_eq!((large.e, large.d), (11, vec![Some(1508), Some(23)]));
        assert_eq!(Packed::new(&[0.0, 0.0], 4).d, [Some(0), Some(0)]);
        assert_eq!(Packed::instants(&[1_537_401_600, 1_537_488_000]).d, [Some(1_537_401_600), Some(86_400)]);
    }

    #[test]
    fn no_text_can_end_the_element() {
        let mut block = Block::default();
        let spec = |id: &str| Spec {
            id: id.into(),
            axis: "days",
            wide: false,
            zero: false,
            marks: Vec::new(),
            layers: vec![Layer::line("</script><script>", RGBColor(0, 114, 178), &[1.0])],
        };
        block.charts.push(spec("a"));
        let json = block.to_json();
        assert!(!json.contains('<') && json.contains("\\u003c/script>") && json.contains("#0072b2"), "{json}");
    }
}
