use std::fmt::Write;

use super::{
    resolve::ResolvedValue,
    tree::{Entry, Node, Place, Table, Value},
};

const NOWHERE: Place = Place { source: 0, start: 0, end: 0 };

/// Writes resolved values as TOML, tables in the order they were read.
pub fn write(values: &[ResolvedValue]) -> String {
    let mut root = Table::default();
    for value in values {
        let (last, tables) = value.path.split_last().expect("every value has a key");
        if value.is_kind {
            let Value::Text(kind) = &value.value else { continue };
            let table = tables.iter().chain([last, kind]).fold(&mut root, |table, key| subtable(table, key));
            debug_assert!(table.entries.is_empty(), "a kind is recorded before its keys");
        } else if last != "extends" {
            let table = tables.iter().fold(&mut root, |table, key| subtable(table, key));
            table.entries.push(entry(last, value.value.clone()));
        }
    }
    let mut text = String::new();
    write_table(&root, &mut Vec::new(), &mut text);
    text
}

fn entry(key: &str, value: Value) -> Entry {
    Entry { key: key.to_owned(), key_place: NOWHERE, node: Node { value, place: NOWHERE } }
}

fn subtable<'t>(table: &'t mut Table, key: &str) -> &'t mut Table {
    // From the end: values come table by table, so that the one looked for is nearly always the last.
    let index = table.entries.iter().rposition(|entry| entry.key == key).unwrap_or_else(|| {
        table.entries.push(entry(key, Value::Table(Table::default())));
        table.entries.len() - 1
    });
    match &mut table.entries[index].node.value {
        Value::Table(inner) => inner,
        _ => unreachable!("a key is either a value or a table"),
    }
}

fn write_table(table: &Table, path: &mut Vec<String>, text: &mut String) {
    let (tables, values): (Vec<&Entry>, Vec<&Entry>) =
        table.entries.iter().partition(|entry| entry.node.value.as_table().is_some());
    if !path.is_empty() && (!values.is_empty() || tables.is_empty()) {
        let _ = writeln!(text, "\n[{}]", path.join("."));
    }
    for entry in values {
        let _ = writeln!(text, "{} = {}", key_text(&entry.key), value_text(&entry.node.value));
    }
    for entry in tables {
        if let Value::Table(inner) = &entry.node.value {
            path.push(key_text(&entry.key));
            write_table(inner, path, text);
            path.pop();
        }
    }
}

fn key_text(key: &str) -> String {
    let bare = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if bare { key.to_owned() } else { quoted(key) }
}

/// A value as TOML writes it on one line.
pub fn value_text(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(text),
        Value::Integer(value) => value.to_string(),
        Value::Float(value) if value.is_nan() => "nan".to_owned(),
        // The shortest text that is read back as the same number, and never as an integer.
        Value::Float(value) => format!("{value:?}"),
        Value::Boolean(value) => value.to_string(),
        Value::Date(date) => quoted(date),
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| value_text(&item.value)).collect::<Vec<_>>().join(", "))
        }
        Value::Table(table) => {
            let entries: Vec<String> = table
                .entries
                .iter()
                .map(|entry| format!("{} = {}", key_text(&entry.key), value_text(&entry.node.value)))
                .collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
