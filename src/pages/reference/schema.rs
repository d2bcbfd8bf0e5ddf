//! A JSON Schema as a short summary and as a table of its fields.

use serde_json::Value;

/// A schema as the pages of the reference show it.
pub(super) struct Schema {
    /// A summary such as `integer, 1 to 100` or `array of User`.
    pub(super) summary: String,
    /// The description in the OpenAPI document.
    pub(super) description: String,
    /// The fields of an object, or of the objects of an array.
    pub(super) fields: Vec<SchemaField>,
}

/// A field of an object.
pub(super) struct SchemaField {
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) required: bool,
    pub(super) description: String,
}

/// Reads a schema of the document.
pub(super) fn read(document: &Value, schema: &Value) -> Schema {
    let outer = resolve_reference(document, schema);
    let inner = match outer.get("items") {
        Some(items) => resolve_reference(document, items),
        None => outer,
    };
    let required = inner["required"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let fields = inner["properties"].as_object().into_iter().flatten();
    Schema {
        summary: summarize(document, schema),
        description: description(inner),
        fields: fields
            .map(|(name, field)| SchemaField {
                name: name.clone(),
                summary: summarize(document, field),
                required: required.iter().any(|required| required == name),
                description: description(field),
            })
            .collect(),
    }
}

/// Returns the description of a schema. For a field that may be null, the description is that of one of
/// its alternatives.
fn description(schema: &Value) -> String {
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    std::iter::once(schema)
        .chain(alternatives)
        .find_map(|schema| schema["description"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Resolves a `$ref`; any other value is returned unchanged.
pub(super) fn resolve_reference<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    value["$ref"]
        .as_str()
        .and_then(|reference| document.pointer(reference.trim_start_matches('#')))
        .unwrap_or(value)
}

/// Summarizes a schema in one line.
fn summarize(document: &Value, schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = resolve_reference(document, schema);
        // An object is summarized by its name, because it has a table of its own; any other type is summarized
        // by its constraints.
        return match target.get("type") {
            Some(kind) if kind != "object" => summarize(document, target),
            _ => reference.rsplit('/').next().unwrap_or_default().to_owned(),
        };
    }
    for key in ["oneOf", "anyOf"] {
        if let Some(any) = schema[key].as_array() {
            return any
                .iter()
                .map(|one| summarize(document, one))
                .collect::<Vec<_>>()
                .join(" | ");
        }
    }
    let mut parts = vec![kind(document, schema)];
    if let Some(format) = schema["format"].as_str() {
        parts.push(format.to_owned());
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(unquoted).collect();
        // A long list, such as that of all statuses, is shown as its first and last value.
        parts.push(match values.as_slice() {
            [first, second, .., last] if values.len() > 20 => format!("{first}, {second} … {last}"),
            values => values.join(" | "),
        });
    }
    parts.extend(range(schema, "minimum", "maximum", ""));
    parts.extend(range(schema, "minLength", "maxLength", " characters"));
    parts.extend(range(schema, "minItems", "maxItems", " items"));
    if let Some(default) = schema.get("default") {
        parts.push(format!("default {}", unquoted(default)));
    }
    parts.join(", ")
}

/// Summarizes the type of a schema.
fn kind(document: &Value, schema: &Value) -> String {
    let kind = match &schema["type"] {
        Value::String(kind) => kind.clone(),
        Value::Array(kinds) => kinds.iter().map(unquoted).collect::<Vec<_>>().join(" | "),
        _ if schema.get("const").is_some() => unquoted(&schema["const"]),
        _ => "any".to_owned(),
    };
    match schema.get("items") {
        Some(items @ Value::Object(_)) => format!("{kind} of {}", summarize(document, items)),
        Some(_) => tuple(document, &schema["prefixItems"]),
        None => kind,
    }
}

/// Summarizes an array with a fixed schema for each of its items.
fn tuple(document: &Value, items: &Value) -> String {
    let items = items.as_array().into_iter().flatten();
    let items: Vec<_> = items.map(|item| summarize(document, item)).collect();
    format!("[{}]", items.join(", "))
}

/// Summarizes two limits, such as `1–100 items`; `unit` is appended.
fn range(schema: &Value, min_key: &str, max_key: &str, unit: &str) -> Option<String> {
    match (schema.get(min_key), schema.get(max_key)) {
        (Some(min), Some(max)) => Some(format!("{min}–{max}{unit}")),
        (Some(min), None) => Some(format!("≥ {min}{unit}")),
        (None, Some(max)) => Some(format!("≤ {max}{unit}")),
        (None, None) => None,
    }
}

/// Returns a value without quotes.
fn unquoted(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_are_summarized_in_one_line() {
        fn check(schema: Value, expected: &str) {
            let document = json!({ "components": { "schemas": {
                "Role": { "type": "string", "enum": ["admin", "member"] },
                "User": { "type": "object", "properties": {} },
            } } });
            assert_eq!(summarize(&document, &schema), expected);
        }
        check(
            json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 20 }),
            "integer, 1–100, default 20",
        );
        check(
            json!({ "type": ["string", "null"], "maxLength": 500 }),
            "string | null, ≤ 500 characters",
        );
        check(
            json!({ "type": "string", "enum": ["admin", "member"] }),
            "string, admin | member",
        );
        check(
            json!({ "type": "array", "items": { "$ref": "#/components/schemas/User" } }),
            "array of User",
        );
        check(
            json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/x/A" }] }),
            "null | A",
        );
        check(
            json!({ "type": "string", "format": "date-time" }),
            "string, date-time",
        );
        check(
            json!({ "$ref": "#/components/schemas/Role" }),
            "string, admin | member",
        );
        check(
            json!({ "type": "array", "prefixItems": [{ "type": "string" }, { "type": "integer" }], "items": false }),
            "[string, integer]",
        );
        check(json!({}), "any");
    }
}
