//! The pattern of the path of a step: `/api/users/{id}`.

use std::collections::BTreeMap;
use std::fmt;

/// The values of the names in path patterns so far.
pub(super) type PathValues = BTreeMap<String, String>;

/// A path whose segments may be names in braces. A name stands for one segment, which is the same in all steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(String);

impl PathPattern {
    /// Parses a pattern; `None` unless it is a path under `/api/` without a query, whose braces enclose whole
    /// segments.
    #[must_use]
    pub fn parse(text: &str) -> Option<PathPattern> {
        let rest = text.strip_prefix("/api/")?;
        let is_valid = |segment: &str| match name_of(segment) {
            Some(name) => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase()),
            None => !segment.is_empty() && !segment.contains(['{', '}', '?', '#', ' ']),
        };
        rest.split('/')
            .all(is_valid)
            .then(|| PathPattern(text.to_owned()))
    }

    /// Returns the values of all names if a path matches: names with a value stand for that value only.
    pub(super) fn values(&self, path: &str, known: &PathValues) -> Option<PathValues> {
        let mut values = known.clone();
        let mut segments = path.split('/');
        for expected in self.0.split('/') {
            let segment = segments.next()?;
            let is_match = match name_of(expected) {
                None => segment == expected,
                Some(_) if segment.is_empty() => false,
                Some(name) => {
                    let value = values.entry(name.to_owned());
                    value.or_insert_with(|| segment.to_owned()) == segment
                }
            };
            if !is_match {
                return None;
            }
        }
        segments.next().is_none().then_some(values)
    }
}

/// Returns the name in braces of a segment.
fn name_of(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pattern_is_a_path_of_the_api_with_whole_segments_in_braces() {
        for text in ["/api/users", "/api/users/{id}", "/api/users/4/tokens"] {
            let pattern = PathPattern::parse(text).expect(text);
            assert_eq!(pattern.to_string(), text);
        }
        for text in [
            "",
            "/users",
            "/api",
            "/api/",
            "/api/users/",
            "/api/users?page=2",
            "/api/users/{}",
            "/api/users/{ID}",
            "/api/users/a{id}",
            "/api/users/{id",
        ] {
            assert_eq!(PathPattern::parse(text), None, "{text}");
        }
    }

    #[test]
    fn name_stands_for_one_segment_with_one_value() {
        let pattern = PathPattern::parse("/api/users/{id}").expect("a pattern");
        let values = |path: &str, known: &PathValues| pattern.values(path, known);
        let bound = values("/api/users/13", &PathValues::new()).expect("matches");
        assert_eq!(bound["id"], "13");
        assert_eq!(values("/api/users/13", &bound), Some(bound.clone()));
        for path in [
            "/api/users/14",
            "/api/users/",
            "/api/users",
            "/api/users/13/",
            "/api/Users/13",
        ] {
            assert_eq!(values(path, &bound), None, "{path}");
        }
    }
}
