use serde_json::{Value as Json, json};

use super::{
    canonical::value_text,
    describe::describe,
    json_schema::{plain, prior, usual},
    nearest::nearest,
    problem::{Problem, Problems},
    resolve::{Origin, Resolved, ResolvedValue},
    shape::{Shape, Spec},
    source::{Role, Sources},
    tree::Place,
};

/// Lists the resolved scenario, or its part at and below `key`: each value with its unit, origin and meaning.
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

/// The list of [`explain`] as data: keys with their values, units, origins, documentation, sources, usual ranges and priors.
///
/// # Errors
/// When there is no such key in use; the nearest one is named.
pub fn explained(resolved: &Resolved, key: Option<&str>) -> Result<Json, Problems> {
    let below = key.map(|key| format!("{key}."));
    let asked = |value: &&ResolvedValue| {
        let name = value.key();
        key.is_none_or(|key| name == key) || below.as_ref().is_some_and(|below| name.starts_with(below))
    };
    let found: Vec<Json> = resolved.values.iter().filter(asked).map(entry).collect();
    match key.filter(|_| found.is_empty()) {
        Some(key) => Err(unknown(resolved, &describe(), key)),
        None => Ok(Json::Array(found)),
    }
}

fn entry(value: &ResolvedValue) -> Json {
    let origin = match &value.origin {
        Origin::Written { file, line } => json!({ "kind": "written", "file": file, "line": line }),
        Origin::Inherited { file, line } => json!({ "kind": "inherited", "file": file, "line": line }),
        Origin::Set(text) => json!({ "kind": "set", "text": text }),
        Origin::Default => json!({ "kind": "default" }),
    };
    json!({
        "key": value.key(),
        "value": plain(&value.value),
        "unit": value.unit,
        "origin": origin,
        "doc": value.doc,
        "source": value.source,
        "usual": value.usual.map(usual),
        "prior": value.prior.map(prior),
    })
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

/// The meaning of a key that this scenario could have but does not use.
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
        Spec::Value(spec) if !spec.key.unit.is_empty() => format!(" in {}", spec.key.unit),
        _ => String::new(),
    };
    Some(format!("{key}{unit} — not used by this scenario — {}\n", field.doc))
}

fn unknown(resolved: &Resolved, shape: &Shape, key: &str) -> Problems {
    // A table is a key too: what is below it is shown.
    let depth = key.split('.').count();
    let tables = resolved.values.iter().filter(|value| value.path.len() > depth);
    let mut known: Vec<String> = tables.map(|value| value.path[..depth].join(".")).collect();
    known.extend(resolved.values.iter().map(ResolvedValue::key));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::load_bundled;

    /// A table that is misspelt is likened to tables, and a key to keys.
    #[test]
    fn a_misspelt_key_is_likened_to_what_can_be_asked_for() {
        let resolved = load_bundled("downturn", &[], None).expect("it is shipped");
        for (key, meant) in [
            ("clas.public", "class.public"),
            ("class.public.cash_month", "class.public.cash_months"),
            ("pwer", "power"),
        ] {
            let told = explain(&resolved, Some(key)).expect_err(key).findings();
            assert_eq!(told[0].labels[0].text, format!("did you mean `{meant}`?"), "{key}");
            assert!(explain(&resolved, Some(meant)).is_ok(), "{meant}");
        }
    }
}
