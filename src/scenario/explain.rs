use super::{
    canonical::value_text,
    load::describe,
    nearest::nearest,
    problem::{Problem, Problems},
    resolve::{Resolved, ResolvedValue},
    shape::{Shape, Spec},
    source::{Role, Sources},
    tree::Place,
};

/// The resolved scenario as a list, or the part of it at and below `key`: each value, its unit, where it comes from, and what it is.
///
/// # Errors
/// When there is no such key; the nearest one is named.
pub fn explain(resolved: &Resolved, key: Option<&str>) -> Result<String, Problems> {
    let Some(key) = key else { return Ok(resolved.values.iter().map(line).collect()) };
    let below = format!("{key}.");
    let found: String = resolved
        .values
        .iter()
        .filter(|value| value.key() == key || value.key().starts_with(&below))
        .map(line)
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let shape = describe();
    unused(resolved, &shape, key).ok_or_else(|| unknown(resolved, &shape, key))
}

/// `KEY = value unit — origin — what it is`.
fn line(value: &ResolvedValue) -> String {
    let unit = if value.unit.is_empty() { String::new() } else { format!(" {}", value.unit) };
    let shown = if value.is_kind { value.value.as_text().unwrap_or("").to_owned() } else { value_text(&value.value) };
    let source = if value.source.is_empty() { String::new() } else { format!(" [{}]", value.source) };
    let usual = value.usual.map_or_else(String::new, |usual| format!(" Usually {usual} [{}].", usual.source));
    let prior = value.prior.map_or_else(String::new, |prior| format!(" Prior {prior} [{}].", prior.source));
    format!("{} = {shown}{unit} — {} — {}{source}{usual}{prior}\n", value.key(), value.origin, value.doc)
}

/// What is known of a key that this scenario might have and has not.
fn unused(resolved: &Resolved, shape: &Shape, key: &str) -> Option<String> {
    let parts: Vec<&str> = key.split('.').collect();
    let (last, tables) = parts.split_last()?;
    let mut shape = shape;
    for (index, part) in tables.iter().enumerate() {
        let named = shape.each.is_some();
        if named
            && !resolved
                .values
                .iter()
                .any(|value| value.path.len() > index && value.path.iter().zip(&parts[..=index]).all(|(a, b)| a == b))
        {
            return None;
        }
        shape = shape.child(part)?;
    }
    if let Some(kinds) = &shape.kinds
        && let Some((_, doc, _)) = kinds.kinds.iter().find(|(name, _, _)| name == last)
    {
        return Some(format!("{key} — not used by this scenario — {doc}\n"));
    }
    let field = shape.fields.iter().find(|field| field.name == *last)?;
    let unit = match &field.spec {
        Spec::Value(spec) if !spec.unit.is_empty() => format!(" in {}", spec.unit),
        _ => String::new(),
    };
    Some(format!("{key}{unit} — not used by this scenario — {}\n", field.doc))
}

fn unknown(resolved: &Resolved, shape: &Shape, key: &str) -> Problems {
    let mut known: Vec<String> = resolved.values.iter().map(ResolvedValue::key).collect();
    known.extend(shape.names().map(str::to_owned));
    let mut sources = Sources::default();
    let source = sources.add("<key>", "", Role::Set, key);
    let label = nearest(key, known.iter().map(String::as_str))
        .map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?"));
    let problem = Problem::new("scenario::unknown_key", format!("`{key}` is not a key of this scenario"));
    let problem = problem
        .at(Place { source, start: 0, end: key.len() }, label)
        .help("`shakeout explain SCENARIO` lists them all");
    Problems::new(vec![problem], sources)
}
