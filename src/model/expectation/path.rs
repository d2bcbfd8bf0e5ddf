//! The subset of JSONPath (RFC 9535) that names one value: `$`, `.name`, `[0]`, `["name"]`.

use std::fmt;

use serde_json::Value;

use crate::model::json::Json;

/// The way from the whole of a JSON text to one value in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonPath {
    /// The steps; none for `$`, the whole.
    pub steps: Vec<PathSegment>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathSegment {
    /// The member of an object with this name.
    Name(String),
    /// The item of an array with this index, from 0.
    Index(usize),
}

impl JsonPath {
    /// Reads a path at the start of `text` and returns it with what follows it; an error is the
    /// offset in bytes of what is wrong.
    pub fn parse_prefix(text: &str) -> Result<(Self, &str), usize> {
        let Some(mut rest) = text.strip_prefix('$') else {
            return Err(0);
        };
        let mut steps = Vec::new();
        loop {
            let wrong = text.len() - rest.len();
            if let Some(after) = rest.strip_prefix('.') {
                let end = after
                    .find(|character| !is_name(character))
                    .unwrap_or(after.len());
                if end == 0 {
                    return Err(wrong + 1);
                }
                steps.push(PathSegment::Name(after[..end].to_owned()));
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix('[') {
                let end = bracketed(after).ok_or(wrong + 1)?;
                let inner = &after[..end];
                steps.push(if inner.starts_with('"') {
                    PathSegment::Name(quoted(inner).ok_or(wrong + 1)?)
                } else {
                    PathSegment::Index(inner.parse().map_err(|_| wrong + 1)?)
                });
                rest = after[end..].strip_prefix(']').ok_or(wrong + 1 + end)?;
            } else {
                return Ok((Self { steps }, rest));
            }
        }
    }

    /// Reads a path that is the whole of `text`; an error is the offset in bytes of what is wrong.
    pub fn parse(text: &str) -> Result<Self, usize> {
        match Self::parse_prefix(text)? {
            (path, "") => Ok(path),
            (_, rest) => Err(text.len() - rest.len()),
        }
    }

    /// The value that the path leads to.
    pub fn find<'a>(&self, whole: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(whole, |value, step| match step {
            PathSegment::Name(name) => value.as_object()?.get(name),
            PathSegment::Index(index) => value.as_array()?.get(*index),
        })
    }
}

/// The text of a JSON string.
fn quoted(text: &str) -> Option<String> {
    let json = Json::parse(text.as_bytes()).ok()?;
    json.as_text().map(str::to_owned)
}

/// Whether the character may stand in a name after a dot.
fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '-'
}

/// The length of the digits or the quoted name at the start of `text`.
fn bracketed(text: &str) -> Option<usize> {
    if !text.starts_with('"') {
        let end = text.find(|character: char| !character.is_ascii_digit())?;
        return (end > 0).then_some(end);
    }
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.steps {
            match step {
                PathSegment::Index(index) => write!(f, "[{index}]")?,
                PathSegment::Name(name) if !name.is_empty() && name.chars().all(is_name) => {
                    f.write_str(".")?;
                    f.write_str(name)?;
                }
                PathSegment::Name(name) => {
                    let quoted = serde_json::to_string(name).map_err(|_| fmt::Error)?;
                    write!(f, "[{quoted}]")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_to_one_value() {
        let whole = json!({"a": {"b-c": [10, {"d e": "x"}]}, "한": true, "": 0, "\"": 1, "0": 2});
        let check = |path: &str, expected: Option<Value>| {
            let parsed = JsonPath::parse(path).expect(path);
            assert_eq!(parsed.find(&whole), expected.as_ref(), "{path}");
            assert_eq!(JsonPath::parse(&parsed.to_string()), Ok(parsed), "{path}");
        };
        check("$", Some(whole.clone()));
        check("$.a.b-c[0]", Some(json!(10)));
        check("$[\"a\"][\"b-c\"][1][\"d e\"]", Some(json!("x")));
        check("$.한", Some(json!(true)));
        check("$[\"\"]", Some(json!(0)));
        check("$[\"\\\"\"]", Some(json!(1)));
        check("$[\"\\ud55c\"]", Some(json!(true)));
        check("$.0", Some(json!(2)));
        check("$[0]", None);
        check("$.a.b-c[2]", None);
        check("$.a[0]", None);
        check("$.x.y", None);
    }

    #[test]
    fn mistakes_have_a_place() {
        fn check(path: &str, offset: usize) {
            assert_eq!(JsonPath::parse(path), Err(offset), "{path}");
        }
        check("", 0);
        check("a", 0);
        check("$.", 2);
        check("$..a", 2);
        check("$.a.[0]", 4);
        check("$[", 2);
        check("$[]", 2);
        check("$[-1]", 2);
        check("$[*]", 2);
        check("$['a']", 2);
        check("$[\"a]", 2);
        check("$[\"\\x\"]", 2);
        check("$[0", 2);
        check("$[0x]", 3);
        check("$[99999999999999999999999]", 2);
        check("$a", 1);
        check("$.a b", 3);
    }

    proptest! {
        #[test]
        fn a_printed_path_is_the_path(
            steps in prop::collection::vec(
                prop_oneof![any::<usize>().prop_map(PathSegment::Index), any::<String>().prop_map(PathSegment::Name)], 0..5)
        ) {
            let path = JsonPath { steps };
            prop_assert_eq!(JsonPath::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn any_text_is_answered(text in "\\$?[.\\[\\]\"\\\\a0한 ]{0,12}") {
            if let Err(offset) = JsonPath::parse(&text) {
                prop_assert!(text.is_char_boundary(offset), "{text:?} {offset}");
            }
        }
    }
}
