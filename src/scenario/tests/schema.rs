use serde_json::Value as Json;

use super::example::{GOOD, good};
use crate::scenario::schema;

/// The part of the schema that describes a key.
fn at<'s>(schema: &'s Json, path: &[String]) -> Option<&'s Json> {
    let Some((first, rest)) = path.split_first() else { return Some(schema) };
    let object = schema.get("anyOf").map_or(schema, |either| &either[0]);
    let below = object["properties"].get(first).or_else(|| object["patternProperties"].as_object()?.values().next())?;
    at(below, rest)
}

/// Whether a value satisfies the plain words of a schema: type, bounds, enum, items.
fn satisfies(value: &Json, schema: &Json) -> bool {
    if let Some(either) = schema.get("anyOf").and_then(Json::as_array) {
        return either.iter().any(|schema| satisfies(value, schema));
    }
    let of_type = match schema["type"].as_str() {
        Some("number") => value.is_number(),
        Some("integer") => value.is_u64(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("array") => {
            value.as_array().is_some_and(|items| items.iter().all(|item| satisfies(item, &schema["items"])))
        }
        Some("object") => value.is_object(),
        _ => false,
    };
    let bound =
        |name: &str, holds: fn(f64, f64) -> bool| match (value.as_f64(), schema.get(name).and_then(Json::as_f64)) {
            (Some(value), Some(bound)) => holds(value, bound),
            _ => true,
        };
    let listed = schema.get("enum").and_then(Json::as_array).is_none_or(|names| names.contains(value));
    of_type
        && listed
        && bound("minimum", |v, b| v >= b)
        && bound("maximum", |v, b| v <= b)
        && bound("exclusiveMinimum", |v, b| v > b)
        && bound("exclusiveMaximum", |v, b| v < b)
}

fn visit(schema: &Json, path: &str, see: &mut impl FnMut(&str, &Json)) {
    see(path, schema);
    for either in schema.get("anyOf").and_then(Json::as_array).into_iter().flatten() {
        visit(either, path, see);
    }
    for holder in ["properties", "patternProperties"] {
        for (name, below) in schema.get(holder).and_then(Json::as_object).into_iter().flatten() {
            visit(below, &format!("{path}.{name}"), see);
        }
    }
}

#[test]
fn has_every_key_that_explain_lists() {
    let schema = schema();
    let values = good(GOOD).values;
    assert!(values.len() > 80);
    for value in values {
        let found = at(&schema, &value.path).unwrap_or_else(|| panic!("{} is not in the schema", value.key()));
        if !value.is_kind {
            let description =
                found["description"].as_str().unwrap_or_else(|| panic!("{} has no description", value.key()));
            assert!(description.starts_with(value.doc), "{description}");
        }
    }
}

#[test]
fn every_default_satisfies_its_own_schema() {
    let mut count = 0;
    visit(&schema(), "", &mut |path, schema| {
        if let Some(default) = schema.get("default") {
            count += 1;
            assert!(satisfies(default, schema), "{path}: {default} is not {schema}");
        }
    });
    assert!(count > 40, "only {count} defaults");
}

#[test]
fn every_part_is_described_and_closed() {
    visit(&schema(), "", &mut |path, schema| {
        assert!(schema["description"].as_str().is_some_and(|text| text.len() > 5), "{path} has no description");
        let reserved = [".observed", ".variant", ".sweep"].contains(&path);
        if schema["type"] == "object" && !reserved && schema.get("patternProperties").is_none() {
            assert_eq!(schema["additionalProperties"], false, "{path}");
        }
    });
}

#[test]
fn a_whole_scenario_has_requirements_and_a_patch_has_none() {
    let schema = schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["if"]["not"]["required"][0], "extends");
    let required = |part: &Json| {
        part["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(required(&schema["then"]), ["format", "title", "run", "chain", "price"]);
    assert_eq!(required(&schema["then"]["properties"]["run"]), ["start", "days"]);
    assert!(schema.get("required").is_none() && schema["properties"]["run"].get("required").is_none());
}

#[test]
fn every_prior_lies_within_what_is_allowed_and_says_its_source() {
    let mut count = 0;
    visit(&schema(), "", &mut |path, schema| {
        let Some(prior) = schema.get("x-prior") else { return };
        count += 1;
        for end in ["minimum", "maximum"] {
            assert!(satisfies(&prior[end], schema), "{path}: {end} of {prior} is not allowed by {schema}");
        }
        let [low, high] = ["minimum", "maximum"].map(|end| prior[end].as_f64().expect("a number"));
        let law = prior["law"].as_str().expect("a law");
        assert!(low < high && (low > 0.0 || law != "log_uniform"), "{path}: {prior}");
        assert!(prior["source"].as_str().is_some_and(|source| !source.is_empty()), "{path} says no source");
    });
    assert!(count > 40, "only {count} priors");
}

#[test]
fn a_prior_is_found_by_its_key_and_shown() {
    let prior = crate::scenario::prior_of("power.take_or_pay").expect("it is declared");
    assert_eq!((prior.low, prior.high, prior.source), (0.0, 0.8, "assumed"));
    assert_eq!(crate::scenario::prior_of("run.days"), None);
    assert_eq!(crate::scenario::prior_of("no.such.key"), None);
    let shown = crate::scenario::explain(&good(GOOD), Some("power.take_or_pay")).expect("it is a key");
    assert!(shown.contains("Prior uniform 0 to 0.8 [assumed]."), "{shown}");
}
