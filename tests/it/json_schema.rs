//! JSON Schema, draft 7, as far as ours go: which documents fit, and documents
//! made of a schema. A keyword that is not here fails the test that meets it.

use std::{
    collections::BTreeMap,
    sync::{LazyLock, Mutex},
};

use regex_lite::Regex;
use serde_json::{Map, Value, json};

/// Whether `value` fits `schema`.
pub(crate) fn is_valid(schema: &Value, value: &Value) -> bool {
    let keywords = schema.as_object().expect("a schema");
    keywords.iter().all(|(keyword, rule)| match keyword.as_str() {
        "$schema" | "$comment" | "title" | "description" | "default" | "examples" => true,
        "type" => is_of_type(rule.as_str().expect("one type"), value),
        "enum" => rule.as_array().expect("values").contains(value),
        "anyOf" => rule.as_array().expect("schemas").iter().any(|way| is_valid(way, value)),
        "not" => !is_valid(rule, value),
        "pattern" => {
            value.as_str().is_none_or(|text| matches(rule.as_str().expect("a pattern"), text))
        }
        "minimum" => value.as_i64().is_none_or(|number| Some(number) >= rule.as_i64()),
        "maximum" => value.as_i64().is_none_or(|number| Some(number) <= rule.as_i64()),
        "minItems" => value
            .as_array()
            .is_none_or(|items| items.len() as u64 >= rule.as_u64().expect("a count")),
        "items" => {
            value.as_array().is_none_or(|items| items.iter().all(|item| is_valid(rule, item)))
        }
        "required"
        | "properties"
        | "patternProperties"
        | "additionalProperties"
        | "propertyNames" => {
            value.as_object().is_none_or(|entries| has_valid_entries(schema, keyword, entries))
        }
        unknown => panic!("the validator does not know `{unknown}`"),
    })
}

/// The schema of a table's entry.
pub(crate) fn schema_of<'a>(table: &'a Value, key: &str) -> Option<&'a Value> {
    let of_name = || {
        let mut patterns = table["patternProperties"].as_object()?.iter();
        patterns.find(|(pattern, _)| matches(pattern, key)).map(|(_, schema)| schema)
    };
    table.get("properties").and_then(|keys| keys.get(key)).or_else(of_name)
}

/// The keywords about tables.
fn has_valid_entries(schema: &Value, keyword: &str, entries: &Map<String, Value>) -> bool {
    let rule = &schema[keyword];
    match keyword {
        "required" => {
            let mut keys = rule.as_array().expect("keys").iter();
            keys.all(|key| entries.contains_key(key.as_str().expect("a key")))
        }
        "properties" => entries
            .iter()
            .all(|(key, value)| rule.get(key).is_none_or(|rule| is_valid(rule, value))),
        "patternProperties" => rule.as_object().expect("patterns").iter().all(|(pattern, rule)| {
            entries.iter().all(|(key, value)| !matches(pattern, key) || is_valid(rule, value))
        }),
        "propertyNames" => entries.keys().all(|key| is_valid(rule, &key.as_str().into())),
        _ => {
            assert_eq!(rule, false, "additionalProperties");
            entries.keys().all(|key| schema_of(schema, key).is_some())
        }
    }
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "boolean" => value.is_boolean(),
        other => panic!("the validator does not know the type {other}"),
    }
}

/// Whether `pattern` is somewhere in `text`.
fn matches(pattern: &str, text: &str) -> bool {
    static KNOWN: LazyLock<Mutex<BTreeMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().expect("a test that failed failed");
    let regex = known
        .entry(pattern.to_owned())
        .or_insert_with(|| Regex::new(pattern).expect("a pattern of the plain kind"));
    regex.is_match(text)
}

/// A value that says all that `schema` knows.
pub(crate) fn filled(schema: &Value) -> Value {
    if let Some(keys) = schema.get("properties").and_then(Value::as_object) {
        return keys.iter().map(|(key, schema)| (key.clone(), filled(schema))).collect();
    }
    if schema["items"].get("properties").is_some() {
        return json!([filled(&schema["items"])]);
    }
    let first = |key: &str| schema.get(key).and_then(|values| values.get(0)).cloned();
    let default = || schema.get("default").cloned();
    first("examples").or_else(|| first("enum")).or_else(default).expect("an example")
}

/// A value that says only what `schema` requires.
pub(crate) fn least(schema: &Value) -> Value {
    if schema["type"] == "array" {
        return json!([least(&schema["items"])]);
    }
    if schema["type"] != "object" {
        return filled(schema);
    }
    let required = schema["required"].as_array().into_iter().flatten();
    let keys = required.map(|key| key.as_str().expect("a key"));
    keys.map(|key| (key.to_owned(), least(&schema["properties"][key]))).collect()
}

/// `document`, with a table at `path`.
pub(crate) fn with_parents(document: &Value, schema: &Value, path: &str) -> Value {
    let mut document = document.clone();
    let (mut place, mut schema) = (&mut document, schema);
    for key in path.split('/').skip(1) {
        if let Value::Array(_) = place {
            schema = &schema["items"];
            let items = place.as_array_mut().expect("an array");
            if items.is_empty() {
                items.push(least(schema));
            }
            place = &mut items[0];
        } else {
            schema = schema_of(schema, key).expect("a known key");
            let table = place.as_object_mut().expect("a table");
            place = table.entry(key).or_insert_with(|| least(schema));
        }
    }
    document
}

/// `document` with `value` at `path`.
pub(crate) fn with(document: &Value, path: &str, value: Value) -> Value {
    let mut document = document.clone();
    *document.pointer_mut(path).expect("a place in it") = value;
    document
}
