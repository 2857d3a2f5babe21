//! Conversion of a written value to a number, a text or a date, with the fault if it is none.

use super::{
    nearest::nearest,
    section::Reading,
    shape::ValueKind,
    source::tidy,
    tree::{Node, Place, Value},
};
use crate::{
    declare::{Range, shown},
    units::UnixTime,
};

/// The fault of a value.
pub struct Fault {
    /// Stable name of this kind of problem.
    pub code: &'static str,
    /// The message after the key's name.
    pub message: String,
    /// The note at the place.
    pub label: String,
    /// The place.
    pub place: Place,
    /// The number, if it is out of its range.
    pub value: Option<f64>,
}

/// A value without a place.
pub fn node_of(value: Value) -> Node {
    Node { value, place: Place { source: 0, start: 0, end: 0 } }
}

/// A list in canonical form: all numbers with a point, all dates in one form.
pub fn plain(value: &Value, kind: &ValueKind) -> Value {
    match (value, kind) {
        (Value::List(items), _) => Value::List(items.iter().map(|item| node_of(plain(&item.value, kind))).collect()),
        (Value::Integer(_), ValueKind::Numbers | ValueKind::DatedNumbers | ValueKind::NumberPairs) => {
            Value::Float(value.as_number().unwrap_or(f64::NAN))
        }
        (Value::Text(text) | Value::Date(text), ValueKind::DatedNumbers) => {
            Value::Text(UnixTime::parse(text).map_or_else(|_| text.clone(), |date| date.to_string()))
        }
        _ => value.clone(),
    }
}

/// The fault of a value of the wrong type.
pub fn wrong_type(node: &Node, wanted: &str) -> Fault {
    let label = format!("this is {}", node.value.type_name());
    Fault {
        code: "scenario::type",
        message: format!("must be {wanted}, not {}", node.value.type_name()),
        label,
        place: node.place,
        value: None,
    }
}

/// A finite number within a range.
pub fn number(node: &Node, range: Range) -> Result<f64, Fault> {
    let value = node.value.as_number().ok_or_else(|| wrong_type(node, "a number"))?;
    if !value.is_finite() {
        let message = "must be a finite number".to_owned();
        return Err(Fault {
            code: "scenario::range",
            message,
            label: "not finite".to_owned(),
            place: node.place,
            value: None,
        });
    }
    match range.fault(value) {
        None => Ok(value),
        Some(bound) => Err(out_of_range(node, value, &bound)),
    }
}

/// The fault of a number beyond a bound.
pub fn out_of_range(node: &Node, value: f64, bound: &str) -> Fault {
    Fault {
        code: "scenario::range",
        message: format!("is {}, but must be {bound}", shown(value)),
        label: format!("must be {bound}"),
        place: node.place,
        value: Some(value),
    }
}

/// A whole number within a range, at least zero.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range has been checked; `as` saturates"
)]
pub fn integer(node: &Node, range: Range) -> Result<u64, Fault> {
    match node.value {
        Value::Integer(_) | Value::Float(_) => {}
        _ => return Err(wrong_type(node, "a whole number")),
    }
    let value = number(node, Range { low: range.low.or(Some((0.0, false))), ..range })?;
    match node.value {
        Value::Integer(exact) => {
            i64::try_from(exact).map(i64::cast_unsigned).map_err(|_| out_of_range(node, value, "below 2^63"))
        }
        _ if value.fract() != 0.0 => Err(wrong_type(node, "a whole number")),
        _ if value < 9.0e15 => Ok(value as u64),
        _ => Err(out_of_range(node, value, "written without a point where it is so large")),
    }
}

/// Text.
pub fn text(node: &Node) -> Result<String, Fault> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        _ => Err(wrong_type(node, "text in quotes")),
    }
}

/// A file's path, relative to the scenario's own folder.
pub fn path(node: &Node, reading: &Reading<'_>) -> Result<String, Fault> {
    let written = text(node)?;
    if written.is_empty() {
        return Err(Fault {
            code: "scenario::form",
            message: "must name a file".to_owned(),
            label: "empty".to_owned(),
            place: node.place,
            value: None,
        });
    }
    let folder = reading.sources.borrow().of(node.place).folder.clone();
    Ok(tidy(&folder.join(written)).display().to_string())
}

/// Text in a form of its own.
pub fn parsed<T>(node: &Node, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, Fault> {
    let written = text(node)?;
    parse(&written).map_err(|wanted| Fault {
        code: "scenario::form",
        message: format!("must be {wanted}"),
        label: format!("must be {wanted}"),
        place: node.place,
        value: None,
    })
}

/// 1970 to 2200: a block header holds no earlier instant, and no scenario needs a later one.
const DATES: std::ops::Range<i64> = 0..7_258_118_400;

/// A day or an instant.
pub fn date(node: &Node) -> Result<UnixTime, Fault> {
    let written = node.value.as_text().ok_or_else(|| wrong_type(node, "a date"))?;
    let form = "a date such as 2018-09-20 or 2018-09-20T12:00:00Z";
    match UnixTime::parse(written) {
        Ok(date) if DATES.contains(&date.get()) => Ok(date),
        Ok(_) => Err(Fault {
            code: "scenario::range",
            message: "must be between 1970 and 2200".to_owned(),
            label: "not in that time".to_owned(),
            place: node.place,
            value: None,
        }),
        Err(_) => Err(Fault {
            code: "scenario::form",
            message: format!("must be {form}"),
            label: "not a date".to_owned(),
            place: node.place,
            value: None,
        }),
    }
}

/// The fault of a word that is not allowed.
pub fn not_a_choice(node: &Node, word: &str, names: &[&str]) -> Fault {
    let label = nearest(word, names.iter().copied())
        .map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
    Fault {
        code: "scenario::choice",
        message: format!("must be one of {}", names.join(", ")),
        label,
        place: node.place,
        value: None,
    }
}
