use serde_json::{Map, Value as Json, json};

use super::{
    describe::describe,
    shape::{Field, Shape, Spec, ValueKind, ValueSpec},
    tree::Value,
};
use crate::declare::{KeyPrior, Law, Range, Usual};

/// The JSON Schema (draft 2020-12) of scenario files, made from the same declarations that read them.
///
/// A file that `extends` another may leave out any key; others must have the required keys.
#[must_use]
pub fn schema() -> Json {
    let shape = describe();
    let mut schema = table(&shape, "A scenario of shakeout.");
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!("shakeout scenario"));
    schema.insert("if".to_owned(), json!({ "not": { "required": ["extends"] } }));
    schema.insert("then".to_owned(), Json::Object(requirements(&shape)));
    Json::Object(schema)
}

fn table(shape: &Shape, doc: &str) -> Map<String, Json> {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("description".to_owned(), json!(doc));
    if shape.open {
        return schema;
    }
    let mut properties = Map::new();
    for field in &shape.fields {
        properties.insert(field.name.to_owned(), property(field));
    }
    for (name, doc, kind) in shape.kinds.iter().flat_map(|kinds| &kinds.kinds) {
        properties.insert((*name).to_owned(), Json::Object(table(kind, doc)));
    }
    schema.insert("properties".to_owned(), Json::Object(properties));
    schema.insert("additionalProperties".to_owned(), json!(false));
    if let Some(kinds) = &shape.kinds {
        let names: Vec<&str> = kinds.kinds.iter().map(|(name, _, _)| *name).collect();
        let others: Vec<Json> = names.iter().map(|name| json!({ "required": [name] })).collect();
        let mut choices = others.clone();
        choices.push(json!({ "not": { "anyOf": others } }));
        schema.insert("oneOf".to_owned(), json!(choices));
        if let Some(default) = kinds.default {
            schema.insert("default".to_owned(), json!({ default: {} }));
        }
    }
    if let Some(each) = &shape.each {
        schema.insert("patternProperties".to_owned(), json!({ "^[A-Za-z0-9_-]+$": table(each, doc) }));
    }
    schema
}

fn property(field: &Field) -> Json {
    match &field.spec {
        Spec::Value(spec) => value(spec, field.doc),
        Spec::Table(shape) if shape.kinds.is_some() && shape.fields.is_empty() => {
            let names: Vec<&str> = shape.names().collect();
            json!({
                "description": field.doc,
                "anyOf": [table(shape, field.doc), { "type": "string", "enum": names, "description": "A kind by its name, with default keys." }],
            })
        }
        Spec::Table(shape) => Json::Object(table(shape, field.doc)),
    }
}

fn value(spec: &ValueSpec, doc: &str) -> Json {
    let mut schema = match &spec.kind {
        ValueKind::Number => json!({ "type": "number" }),
        ValueKind::Integer => json!({ "type": "integer", "minimum": 0 }),
        ValueKind::Text => json!({ "type": "string" }),
        ValueKind::Date => date(),
        ValueKind::Boolean => json!({ "type": "boolean" }),
        ValueKind::Choice(names) => json!({ "type": "string", "enum": names }),
        ValueKind::Numbers => json!({ "type": "array", "items": number(spec.key.range) }),
        ValueKind::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        ValueKind::DatedNumbers => json!({
            "type": "array",
            "items": { "type": "array", "prefixItems": [date(), number(spec.key.range)], "minItems": 2, "maxItems": 2 },
        }),
        ValueKind::NumberPairs => {
            json!({ "type": "array", "items": { "type": "array", "items": number(spec.key.range), "minItems": 1, "maxItems": 2 } })
        }
        ValueKind::Tables(shape) => {
            let mut item = table(shape, doc);
            item.extend(requirements(shape));
            json!({ "type": "array", "items": item })
        }
    };
    let object = schema.as_object_mut().expect("every arm above is an object");
    if matches!(spec.kind, ValueKind::Number | ValueKind::Integer) {
        bounds(spec.key.range, object);
    }
    let mut description = doc.to_owned();
    if !spec.key.unit.is_empty() {
        object.insert("x-unit".to_owned(), json!(spec.key.unit));
        description = format!("{description} Unit: {}.", spec.key.unit);
    }
    if let Some(range) = spec.key.usual {
        object.insert("x-usual".to_owned(), usual(range));
    }
    if let Some(declared) = spec.key.prior {
        object.insert("x-prior".to_owned(), prior(declared));
    }
    if !spec.key.derived.is_empty() {
        description = format!("{description} Default: {}.", spec.key.derived);
    }
    if !spec.key.source.is_empty() {
        object.insert("x-source".to_owned(), json!(spec.key.source));
    }
    if let Some(default) = &spec.default {
        object.insert("default".to_owned(), plain(default));
    }
    object.insert("description".to_owned(), json!(description));
    schema
}

/// The range in which a number usually lies.
pub(super) fn usual(Usual { low, high, source }: Usual) -> Json {
    json!({ "minimum": low, "maximum": high, "source": source })
}

/// The distribution from which a key is drawn.
pub(super) fn prior(KeyPrior { law, low, high, source }: KeyPrior) -> Json {
    let mut prior = json!({ "minimum": low, "maximum": high, "source": source });
    match law {
        Law::Uniform => prior["law"] = json!("uniform"),
        Law::LogUniform => prior["law"] = json!("log_uniform"),
        Law::Normal { mean, sd } => {
            prior["law"] = json!("normal");
            prior["mean"] = json!(mean);
            prior["sd"] = json!(sd);
        }
    }
    prior
}

fn date() -> Json {
    json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ].+)?$" })
}

fn number(range: Range) -> Json {
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("number"));
    bounds(range, &mut schema);
    Json::Object(schema)
}

fn bounds(range: Range, schema: &mut Map<String, Json>) {
    if let Some((low, open)) = range.low {
        schema.insert(if open { "exclusiveMinimum" } else { "minimum" }.to_owned(), json!(low));
    }
    if let Some((high, open)) = range.high {
        schema.insert(if open { "exclusiveMaximum" } else { "maximum" }.to_owned(), json!(high));
    }
}

/// A value as JSON.
pub(super) fn plain(value: &Value) -> Json {
    match value {
        Value::Text(text) | Value::Date(text) => json!(text),
        Value::Integer(value) => i64::try_from(*value).map_or(Json::Null, |value| json!(value)),
        Value::Float(value) => json!(value),
        Value::Boolean(value) => json!(value),
        Value::List(items) => items.iter().map(|item| plain(&item.value)).collect(),
        Value::Table(table) => {
            Json::Object(table.entries.iter().map(|entry| (entry.key.clone(), plain(&entry.node.value))).collect())
        }
    }
}

/// The required keys, without their meaning.
fn requirements(shape: &Shape) -> Map<String, Json> {
    let mut schema = Map::new();
    let required: Vec<&str> = shape.fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    let mut properties = Map::new();
    let tables = shape.fields.iter().filter_map(|field| match &field.spec {
        Spec::Table(below) => Some((field.name, below)),
        Spec::Value(_) => None,
    });
    let kinds = shape.kinds.iter().flat_map(|kinds| kinds.kinds.iter().map(|(name, _, below)| (*name, below)));
    for (name, below) in tables.chain(kinds) {
        let below = requirements(below);
        if !below.is_empty() {
            properties.insert(name.to_owned(), Json::Object(below));
        }
    }
    if !properties.is_empty() {
        schema.insert("properties".to_owned(), Json::Object(properties));
    }
    if let Some(each) = &shape.each {
        let each = requirements(each);
        if !each.is_empty() {
            schema.insert("patternProperties".to_owned(), json!({ "^[A-Za-z0-9_-]+$": each }));
        }
    }
    if let Some(kinds) = &shape.kinds
        && kinds.default.is_none()
    {
        let choices: Vec<Json> = kinds.kinds.iter().map(|(name, _, _)| json!({ "required": [name] })).collect();
        schema.insert("anyOf".to_owned(), json!(choices));
    }
    schema
}
