//! A shipped scenario as one file, which includes its bases and keeps their comments.
//!
//! Files are split by lines, not by values, so that each value keeps its comment. This works for the shipped files, which have no multi-line text; a
//! test reads each of them both ways and compares.

use super::{describe::describe, parse, shape::Shape, shipped::BUNDLED};

/// A shipped scenario by its name, in one text that needs no other file. `None` if no scenario of this name is shipped.
#[must_use]
pub fn bundled_text(name: &str) -> Option<String> {
    let (_, text) = BUNDLED.iter().find(|(bundled, _)| *bundled == name)?;
    let (tree, _) = parse::document(text, 0);
    let Some(base) = tree.get("extends").and_then(|node| node.value.as_text()) else { return Some((*text).to_owned()) };
    let below = bundled_text(base.strip_suffix(".toml")?)?;
    Some(lay_over(parts(&below), parts(text), base))
}

/// A table of a file, or the lines before the first table.
#[derive(Clone)]
struct Part {
    path: Vec<String>,
    /// Comments before the header, and the header.
    header: String,
    entries: Vec<Entry>,
}

/// A key with its value and the comments before it.
#[derive(Clone)]
struct Entry {
    path: Vec<String>,
    text: String,
    /// Whether the value is a word, which may be the name of a kind.
    is_word: bool,
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = vec![Part { path: Vec::new(), header: String::new(), entries: Vec::new() }];
    let mut lead = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let start = line.trim_start();
        if start.is_empty() || start.starts_with('#') {
            lead.push_str(line);
            lead.push('\n');
        } else if start.starts_with('[') {
            let header = format!("{}{line}\n", without_blank_start(&std::mem::take(&mut lead)));
            parts.push(Part { path: only_path(line), header, entries: Vec::new() });
        } else {
            let mut text = format!("{line}\n");
            while !parse::document(&text, 0).1.is_empty() {
                let Some(next) = lines.next() else { break };
                text.push_str(next);
                text.push('\n');
            }
            let (key, value) = text.split_once('=').unwrap_or((&text, ""));
            let part = parts.last_mut().expect("there is one from the beginning");
            let path = [part.path.as_slice(), &only_path(&format!("{key}=0"))].concat();
            let is_word = value.trim_start().starts_with('"');
            let lead = std::mem::take(&mut lead);
            if part.path.is_empty() && part.entries.is_empty() {
                // The comment at the head of a file is about the whole file.
                part.header = lead;
                part.entries.push(Entry { path, text, is_word });
            } else {
                part.entries.push(Entry { path, text: format!("{}{text}", without_blank_start(&lead)), is_word });
            }
        }
    }
    parts
}

/// The path of the only key in a line.
fn only_path(line: &str) -> Vec<String> {
    let (tree, _) = parse::document(line, 0);
    let mut path = Vec::new();
    let mut table = Some(&tree);
    while let Some(entry) = table.and_then(|table| table.entries.first()) {
        path.push(entry.key.clone());
        table = entry.node.value.as_table();
    }
    path
}

fn without_blank_start(lead: &str) -> &str {
    lead.trim_start_matches('\n')
}

/// Lays the parts of a file over those of the one it extends, as [`lay`](super::merge::lay) does with trees.
fn lay_over(mut below: Vec<Part>, above: Vec<Part>, base: &str) -> String {
    let shape = describe();
    let head = above.first().map_or_else(String::new, |part| part.header.clone());
    for part in above {
        drop_other_kinds(&mut below, &part, &shape);
        let entries = part.entries.iter().filter(|entry| entry.path != ["extends"]).cloned();
        if let Some(other) = below.iter_mut().find(|other| other.path == part.path) {
            if part.header.contains('#') {
                other.header = part.header;
            }
            for entry in entries {
                match other.entries.iter_mut().find(|earlier| earlier.path == entry.path) {
                    Some(earlier) => *earlier = entry,
                    None => other.entries.push(entry),
                }
            }
            continue;
        }
        let part = Part { entries: entries.collect(), ..part };
        let related = below.iter().rposition(|other| other.path.first() == part.path.first());
        below.insert(related.map_or(below.len(), |at| at + 1), part);
    }
    let mut text = format!("{}# With all of {base}, on which it builds.\n", head.trim_start_matches('\n'));
    for part in &below {
        if !part.path.is_empty() {
            text.push('\n');
            text.push_str(&part.header);
        }
        part.entries.iter().for_each(|entry| text.push_str(&entry.text));
    }
    text
}

/// Removes the kinds that the upper file replaces.
fn drop_other_kinds(below: &mut Vec<Part>, above: &Part, shape: &Shape) {
    let words = above.entries.iter().filter(|entry| entry.is_word);
    let chosen_by_word = words.map(|entry| entry.path.as_slice()).filter(|path| holds_kinds(shape, path));
    let chosen_by_table =
        (1..above.path.len()).map(|length| &above.path[..length]).filter(|path| holds_kinds(shape, path));
    let chosen: Vec<&[String]> = chosen_by_word.chain(chosen_by_table).collect();
    let goes = |path: &[String]| {
        chosen
            .iter()
            .any(|kinds| path.starts_with(kinds) && !above.path.starts_with(&path[..path.len().min(kinds.len() + 1)]))
    };
    below.retain(|part| !goes(&part.path));
    for part in below {
        part.entries.retain(|entry| entry.path.len() > part.path.len() + 1 || !chosen.contains(&entry.path.as_slice()));
    }
}

/// Whether a table holds one of several kinds, and nothing else.
fn holds_kinds(shape: &Shape, path: &[String]) -> bool {
    let found = path.iter().try_fold(shape, |shape, key| shape.child(key));
    found.is_some_and(|shape| shape.kinds.is_some() && shape.fields.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{load_bundled, load_str};
    use std::path::Path;

    /// Each text alone gives the same scenario as with its bases, for every variant, and keeps the comments of values.
    #[test]
    fn a_shipped_scenario_in_one_file_is_the_same() {
        for (name, own) in BUNDLED {
            let text = bundled_text(name).expect("it is shipped");
            assert_eq!(text == own, !own.contains("\nextends ="), "{name}");
            let read = |variant| {
                load_str(name, &text, Path::new("no-such-folder"), &[], variant)
                    .unwrap_or_else(|problems| panic!("{name}: {}\n{text}", problems.render(false, 100)))
            };
            let whole = load_bundled(name, &[], None).expect("it can be read");
            assert_eq!(read(None).canonical(), whole.canonical(), "{name}");
            assert_eq!(read(None).variants(), whole.variants(), "{name}");
            for variant in whole.variants() {
                let other = load_bundled(name, &[], Some(variant)).expect("it can be read");
                assert_eq!(read(Some(variant)).canonical(), other.canonical(), "{name} {variant}");
            }
            for table in ["sweep", "observed", "calibrate"] {
                assert_eq!(read(None).reserved(table).is_some(), whole.reserved(table).is_some(), "{name} {table}");
            }
            let comments = own.lines().filter(|line| line.starts_with('#'));
            comments.for_each(|line| assert!(text.contains(line), "{name} has lost: {line}"));
        }
        assert!(bundled_text("no-such").is_none());
    }
}
