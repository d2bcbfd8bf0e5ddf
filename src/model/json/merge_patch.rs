//! JSON merge patch (RFC 7396).

use super::Json;

/// Returns the result of applying a merge patch to `target` (RFC 7396, section 2).
#[must_use]
pub fn merge_patch(target: Json, patch: Json) -> Json {
    let Json::Object(changes) = patch else {
        return patch;
    };
    let mut members: Vec<Option<(String, Json)>> = match target {
        Json::Object(members) => members.into_iter().map(Some).collect(),
        _ => Vec::new(),
    };
    // The keys of a patch are unique, so only the members of the target are searched.
    let old_length = members.len();
    for (key, change) in changes {
        let old = members[..old_length]
            .iter_mut()
            .find(|member| matches!(member, Some((name, _)) if *name == key));
        match (old, change) {
            (Some(old), Json::Null) => *old = None,
            (None, Json::Null) => {}
            (Some(Some((_, value))), change) => {
                *value = merge_patch(std::mem::replace(value, Json::Null), change);
            }
            (_, change) => members.push(Some((key, merge_patch(Json::Null, change)))),
        }
    }
    Json::Object(members.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::model::json::JsonError;

    fn read(text: &str) -> Result<Json, JsonError> {
        Json::parse(text.as_bytes())
    }

    /// Returns the value as a serde_json value.
    fn value(json: &Json) -> Value {
        match json {
            Json::Null => Value::Null,
            Json::Bool(truth) => (*truth).into(),
            Json::Number(text) => serde_json::from_str(text).expect("a number"),
            Json::String(text) => text.clone().into(),
            Json::Array(items) => items.iter().map(value).collect(),
            Json::Object(members) => members
                .iter()
                .map(|(key, json)| (key.clone(), value(json)))
                .collect(),
        }
    }

    #[test]
    fn merge_patch_of_each_example_of_rfc_7396_appendix_a() {
        let cases = [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"a":null}"#, r#"{}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"c"}"#, r#"{"a":["b"]}"#, r#"{"a":["b"]}"#),
            (
                r#"{"a":{"b":"c"}}"#,
                r#"{"a":{"b":"d","c":null}}"#,
                r#"{"a":{"b":"d"}}"#,
            ),
            (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
            (r#"["a","b"]"#, r#"["c","d"]"#, r#"["c","d"]"#),
            (r#"{"a":"b"}"#, r#"["c"]"#, r#"["c"]"#),
            (r#"{"a":"foo"}"#, r#"null"#, r#"null"#),
            (r#"{"a":"foo"}"#, r#""bar""#, r#""bar""#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            (r#"[1,2]"#, r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            (
                r#"{}"#,
                r#"{"a":{"bb":{"ccc":null}}}"#,
                r#"{"a":{"bb":{}}}"#,
            ),
        ];
        for (target, patch, result) in cases {
            let merged = merge_patch(read(target).expect("JSON"), read(patch).expect("JSON"));
            let expected: Value = serde_json::from_str(result).expect("JSON");
            assert_eq!(value(&merged), expected, "{target} with {patch}");
        }
    }

    /// Implements the pseudo-code of RFC 7396, section 2, for serde_json values.
    fn reference(target: Value, patch: Value) -> Value {
        let Value::Object(changes) = patch else {
            return patch;
        };
        let mut members = match target {
            Value::Object(members) => members,
            _ => serde_json::Map::new(),
        };
        for (key, change) in changes {
            if change.is_null() {
                members.remove(&key);
            } else {
                let old = members.remove(&key).unwrap_or_default();
                members.insert(key, reference(old, change));
            }
        }
        Value::Object(members)
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn merge_patch_agrees_with_the_reference(target in any_value(), patch in any_value()) {
            let merged = merge_patch(
                read(&target.to_string()).expect("JSON"),
                read(&patch.to_string()).expect("JSON"),
            );
            prop_assert_eq!(value(&merged), reference(target, patch));
        }
    }
}
