//! The subset of JSONPath (RFC 9535) that names one value: `$`, `.name`, `[0]`, `["name"]`.

use std::fmt;

use serde_json::Value;

use super::Json;

/// The path from the root of a JSON text to one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JsonPath {
    /// The segments; none for `$`, the root.
    pub steps: Vec<PathSegment>,
}

/// One segment of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathSegment {
    /// The member of an object with this name.
    Name(String),
    /// The item of an array with this index, from 0.
    Index(usize),
}

impl JsonPath {
    /// Parses a path at the start of `text` and returns it with the text after it.
    ///
    /// # Errors
    /// Returns the offset of the first error, in bytes.
    pub fn parse_prefix(text: &str) -> Result<(Self, &str), usize> {
        let Some(mut rest) = text.strip_prefix('$') else {
            return Err(0);
        };
        let mut steps = Vec::new();
        loop {
            let wrong = text.len() - rest.len();
            if let Some(after) = rest.strip_prefix('.') {
                let end = after
                    .find(|character| !is_name_character(character))
                    .unwrap_or(after.len());
                if end == 0 {
                    return Err(wrong + 1);
                }
                steps.push(PathSegment::Name(after[..end].to_owned()));
                rest = &after[end..];
            } else if let Some(after) = rest.strip_prefix('[') {
                let end = bracketed_length(after).ok_or(wrong + 1)?;
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

    /// Parses `text` as a path.
    ///
    /// # Errors
    /// Returns the offset of the first error, in bytes.
    pub fn parse(text: &str) -> Result<Self, usize> {
        match Self::parse_prefix(text)? {
            (path, "") => Ok(path),
            (_, rest) => Err(text.len() - rest.len()),
        }
    }

    /// Returns the value at the path, if there is one.
    pub fn find<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.steps.iter().try_fold(root, |value, step| match step {
            PathSegment::Name(name) => value.as_object()?.get(name),
            PathSegment::Index(index) => value.as_array()?.get(*index),
        })
    }
}

impl Json {
    /// Returns the value at a path, if there is one.
    #[must_use]
    pub fn at(&self, path: &JsonPath) -> Option<&Json> {
        path.steps
            .iter()
            .try_fold(self, |value, step| match (step, value) {
                (PathSegment::Name(name), _) => value.member(name),
                (PathSegment::Index(index), Json::Array(items)) => items.get(*index),
                (PathSegment::Index(_), _) => None,
            })
    }
}

/// Parses a JSON string.
fn quoted(text: &str) -> Option<String> {
    let json = Json::parse(text.as_bytes()).ok()?;
    json.as_text().map(str::to_owned)
}

/// Returns whether a name after a dot may have the character (RFC 9535, section 2.5.1.1, and a hyphen).
fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric()
        || !character.is_ascii()
        || character == '_'
        || character == '-'
}

/// Returns the length of the digits or the quoted name at the start of `text`.
fn bracketed_length(text: &str) -> Option<usize> {
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
                PathSegment::Name(name)
                    if !name.is_empty() && name.chars().all(is_name_character) =>
                {
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
    fn path_finds_one_value_or_none() {
        let root = json!({"a": {"b-c": [10, {"d e": "x"}]}, "한": true, "": 0, "\"": 1, "0": 2});
        let check = |path: &str, expected: Option<Value>| {
            let parsed = JsonPath::parse(path).expect(path);
            assert_eq!(parsed.find(&root), expected.as_ref(), "{path}");
            assert_eq!(JsonPath::parse(&parsed.to_string()), Ok(parsed), "{path}");
        };
        check("$", Some(root.clone()));
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
    fn invalid_path_is_an_error_with_its_offset() {
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
        fn printed_path_is_parsed_to_an_equal_path(
            steps in prop::collection::vec(
                prop_oneof![any::<usize>().prop_map(PathSegment::Index), any::<String>().prop_map(PathSegment::Name)], 0..5)
        ) {
            let path = JsonPath { steps };
            prop_assert_eq!(JsonPath::parse(&path.to_string()), Ok(path));
        }

        #[test]
        fn arbitrary_text_is_parsed_or_an_error(text in "\\$?[.\\[\\]\"\\\\a0한 ]{0,12}") {
            if let Err(offset) = JsonPath::parse(&text) {
                prop_assert!(text.is_char_boundary(offset), "{text:?} {offset}");
            }
        }
    }
}
