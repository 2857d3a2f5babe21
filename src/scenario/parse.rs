use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    printable::one_line,
    problem::Problem,
    tree::{Entry, Node, Place, Table, Value},
};

/// So many errors of syntax are told; what follows them is mostly their consequence.
const MOST_ERRORS: usize = 20;

/// Reads a TOML text; every syntax error is a problem, up to the first twenty.
pub fn document(text: &str, source: usize) -> (Table, Vec<Problem>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let problems = errors
        .iter()
        .take(MOST_ERRORS)
        .map(|error| {
            let span = error.span().unwrap_or(0..0);
            let problem = Problem::new("scenario::syntax", format!("this is not TOML: {}", error.message()));
            problem
                .at(Place { source, start: span.start, end: span.end }, "here")
                .help("TOML is described at https://toml.io")
        })
        .collect();
    (table(root.get_ref(), source, 0), problems)
}

/// Reads one TOML value that stands `offset` bytes into its source; `None` if it is not one.
pub fn value(text: &str, source: usize, offset: usize) -> Option<Node> {
    let parsed = DeValue::parse(text).ok()?;
    Some(node(&parsed, source, offset))
}

fn table(written: &DeTable<'_>, source: usize, offset: usize) -> Table {
    let mut entries: Vec<Entry> = written
        .iter()
        .map(|(key, value)| Entry {
            key: one_line(key.get_ref()).into_owned(),
            key_place: place(&key.span(), source, offset),
            node: node(value, source, offset),
        })
        .collect();
    // The parser sorts by name; a scenario's classes are in the order they are written.
    entries.sort_by_key(|entry| entry.key_place.start);
    Table { entries, aside: Vec::new() }
}

fn node(written: &Spanned<DeValue<'_>>, source: usize, offset: usize) -> Node {
    let value = match written.get_ref() {
        DeValue::String(text) => Value::Text(one_line(text).into_owned()),
        DeValue::Integer(digits) => match i128::from_str_radix(digits.as_str(), digits.radix()) {
            Ok(value) => Value::Integer(value),
            Err(_) => Value::Float(f64::INFINITY),
        },
        DeValue::Float(digits) => Value::Float(digits.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(items) => Value::List(items.iter().map(|item| node(item, source, offset)).collect()),
        DeValue::Table(entries) => Value::Table(table(entries, source, offset)),
    };
    Node { value, place: place(&written.span(), source, offset) }
}

fn place(span: &std::ops::Range<usize>, source: usize, offset: usize) -> Place {
    Place { source, start: span.start + offset, end: span.end + offset }
}
