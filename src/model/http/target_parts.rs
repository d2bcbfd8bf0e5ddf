//! Reading and replacing of the path values and query parameters of a target, for a form with one input
//! for each.
//!
//! Parts that are not replaced stay unchanged, including the spelling of their percent-encoding. A
//! placeholder `{{…}}` is never split, whatever characters it has. Which targets may be sent is in
//! `target`.

use percent_encoding::percent_decode_str;

/// A query parameter: its decoded name and value.
pub type QueryParameter = (String, String);

/// Returns the decoded values of a path for the names of a template such as `/api/users/{id}`, in
/// order; `None` when the path does not match the template.
#[must_use]
pub fn path_values(target: &str, template: &str) -> Option<Vec<String>> {
    let (path, _) = path_and_query(target);
    let (actual, wanted) = (split(path, '/'), split(template, '/'));
    let fits = |(actual, wanted): (&&str, &&str)| is_name(wanted) || actual == wanted;
    let is_same = actual.len() == wanted.len() && actual.iter().zip(&wanted).all(fits);
    is_same.then(|| {
        let pairs = actual.iter().zip(&wanted);
        let named = pairs.filter(|(_, wanted)| is_name(wanted));
        named.map(|(actual, _)| decoded(actual)).collect()
    })
}

/// Returns the target with another value for `name` of the template; `None` when the path does not
/// match the template or the template has no such name.
#[must_use]
pub fn with_path_value(target: &str, template: &str, name: &str, value: &str) -> Option<String> {
    path_values(target, template)?;
    let name = ["{", name, "}"].concat();
    let position = split(template, '/').iter().position(|part| *part == name)?;
    let (path, query) = path_and_query(target);
    let value = encoded(value, "%/?#\\ ");
    let mut segments = split(path, '/');
    *segments.get_mut(position)? = &value;
    Some(joined(&segments.join("/"), query))
}

/// Returns the parameters of the query, decoded, in order.
#[must_use]
pub fn query_parameters(target: &str) -> Vec<QueryParameter> {
    let (_, query) = path_and_query(target);
    pairs(query.unwrap_or_default())
        .map(parse_parameter)
        .collect()
}

/// Returns the target with these query parameters, without a query when there are none. A parameter
/// that the target already had keeps its percent-encoding.
#[must_use]
pub fn with_query(target: &str, parameters: &[QueryParameter]) -> String {
    let (path, query) = path_and_query(target);
    let old: Vec<&str> = pairs(query.unwrap_or_default()).collect();
    let written = parameters.iter().map(|parameter| {
        let same = old.iter().find(|old| parse_parameter(old) == *parameter);
        same.map_or_else(|| print_parameter(parameter), |old| (*old).to_owned())
    });
    let written: Vec<String> = written.collect();
    let query = written.join("&");
    joined(path, (!written.is_empty()).then_some(&query))
}

/// The parameters of a query, divided into those with a field of their own and the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueryFields {
    /// The first value of each name that has a field, in the order of the names; empty when absent.
    pub named: Vec<String>,
    /// All other parameters, in order.
    pub others: Vec<QueryParameter>,
}

impl QueryFields {
    /// Divides the query of a target.
    #[must_use]
    pub fn of(target: &str, names: &[String]) -> QueryFields {
        let mut others = query_parameters(target);
        let named = names
            .iter()
            .map(|name| {
                let at = others.iter().position(|(other, _)| other == name);
                at.map(|at| others.remove(at).1).unwrap_or_default()
            })
            .collect();
        QueryFields { named, others }
    }

    /// Returns the target with these parameters: those with a field stay where they are, new ones follow,
    /// then the others. A parameter with a field and no value is left out.
    #[must_use]
    pub fn write(&self, target: &str, names: &[String]) -> String {
        let mut named: Vec<QueryParameter> = names
            .iter()
            .cloned()
            .zip(self.named.iter().cloned())
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let mut query = Vec::new();
        for (name, _) in query_parameters(target) {
            if let Some(at) = named.iter().position(|(other, _)| *other == name) {
                query.push(named.remove(at));
            }
        }
        query.append(&mut named);
        let others = self.others.iter();
        query.extend(
            others
                .filter(|(name, value)| !name.is_empty() || !value.is_empty())
                .cloned(),
        );
        with_query(target, &query)
    }
}

fn pairs(query: &str) -> impl Iterator<Item = &str> {
    split(query, '&')
        .into_iter()
        .filter(|pair| !pair.is_empty())
}

fn parse_parameter(pair: &str) -> QueryParameter {
    let parts = split(pair, '=');
    let name = parts.first().copied().unwrap_or_default();
    let value = pair.get(name.len() + 1..).unwrap_or_default();
    // In a query of a form, a plus stands for a space.
    let text = |text: &str| decoded(&text.replace('+', "%20"));
    (text(name), text(value))
}

fn print_parameter((name, value): &QueryParameter) -> String {
    let name = encoded(name, "%&+#= ");
    [&name, "=", &encoded(value, "%&+# ")].concat()
}

fn is_name(segment: &str) -> bool {
    segment.starts_with('{') && !segment.starts_with("{{")
}

/// Splits a target into path and query.
fn path_and_query(target: &str) -> (&str, Option<&str>) {
    let path = split(target, '?').first().copied().unwrap_or_default();
    (path, target.get(path.len() + 1..))
}

fn joined(path: &str, query: Option<&str>) -> String {
    match query {
        Some(query) => [path, "?", query].concat(),
        None => path.to_owned(),
    }
}

/// Splits the text at separators outside of placeholders.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(next) = text[at..].chars().next() {
        if let Some(length) = placeholder_length(&text[at..]) {
            at += length;
            continue;
        }
        if next == separator {
            parts.push(&text[start..at]);
            start = at + next.len_utf8();
        }
        at += next.len_utf8();
    }
    parts.push(&text[start..]);
    parts
}

/// Returns the length of the placeholder at the start of the text, if there is one.
fn placeholder_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix("{{")?;
    Some(inner.find("}}")? + 4)
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Percent-encodes the characters of `special`, which are ASCII, outside of placeholders.
fn encoded(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let length = placeholder_length(&text[at..]);
        if let Some(length) = length {
            out.push_str(&text[at..at + length]);
        } else if special.contains(next) {
            out.push('%');
            for half in [u32::from(next) >> 4, u32::from(next) & 15] {
                let digit = char::from_digit(half, 16).unwrap_or('0');
                out.push(digit.to_ascii_uppercase());
            }
        } else {
            out.push(next);
        }
        at += length.unwrap_or(next.len_utf8());
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONE: &str = "/api/users/{id}";

    fn pair(name: &str, value: &str) -> QueryParameter {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn query_fields_keep_places_and_spelling() {
        let names = ["page", "sort", "q"].map(str::to_owned);
        let target = "/api/users?sort=-id&x=%7e+1&sort=name";
        let mut fields = QueryFields::of(target, &names);
        assert_eq!(fields.named, ["", "-id", ""]);
        let others = [("x", "~ 1"), ("sort", "name")];
        assert_eq!(
            fields.others,
            others.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert_eq!(fields.write(target, &names), target);
        fields.named[2] = "a b".to_owned();
        fields.others.push(QueryParameter::default());
        assert_eq!(
            fields.write(target, &names),
            "/api/users?sort=-id&q=a%20b&x=%7e+1&sort=name"
        );
        fields = QueryFields {
            named: vec![String::new(); 3],
            ..QueryFields::default()
        };
        assert_eq!(fields.write(target, &names), "/api/users");
    }

    #[test]
    fn path_values_are_read_by_a_template() {
        fn check(target: &str, template: &str, expected: Option<&[&str]>) {
            let values = path_values(target, template);
            let values = values.as_ref().map(|values| {
                let texts: Vec<&str> = values.iter().map(String::as_str).collect();
                texts
            });
            assert_eq!(values.as_deref(), expected, "{target}");
        }
        check("/api/users/7", ONE, Some(&["7"]));
        check("/api/users/7?fields=id/name", ONE, Some(&["7"]));
        check("/api/users/", ONE, Some(&[""]));
        check("/api/users/a%2Fb", ONE, Some(&["a/b"]));
        check(
            "/api/users/{{made.response.headers.Location}}",
            ONE,
            Some(&["{{made.response.headers.Location}}"]),
        );
        check("/api/users", ONE, None);
        check("/api/users/7/x", ONE, None);
        check("/api/tokens/7", ONE, None);
        check("/api/users", "/api/users", Some(&[]));
        check("/api/{{a/b}}/2", "/api/{x}/{y}", Some(&["{{a/b}}", "2"]));
    }

    #[test]
    fn with_path_value_changes_only_that_value() {
        let set = |target, value| with_path_value(target, ONE, "id", value);
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(set("/api/users/7?a=%7e", "8"), text("/api/users/8?a=%7e"));
        assert_eq!(
            set("/api/users/7", "a/b c?%"),
            text("/api/users/a%2Fb%20c%3F%25")
        );
        assert_eq!(set("/api/users/7", "{{x y}}"), text("/api/users/{{x y}}"));
        assert_eq!(set("/api/users/7", "김"), text("/api/users/김"));
        assert_eq!(set("/api/users", "8"), None);
        assert_eq!(with_path_value("/api/users/7", ONE, "no", "8"), None);
    }

    #[test]
    fn with_query_keeps_the_encoding_of_unchanged_parameters() {
        let target = "/api/users?q=a+b%26c&&sort=-id&debug&t={{$randomInt 1 9}}&x={{a&b=c}}";
        let mut query = query_parameters(target);
        let expected = [
            pair("q", "a b&c"),
            pair("sort", "-id"),
            pair("debug", ""),
            pair("t", "{{$randomInt 1 9}}"),
            pair("x", "{{a&b=c}}"),
        ];
        assert_eq!(query, expected);
        query[1].1 = "name,-id #1+".to_owned();
        query.push(pair("a=b", "1=2"));
        assert_eq!(
            with_query(target, &query),
            "/api/users?q=a+b%26c&sort=name,-id%20%231%2B&debug&t={{$randomInt 1 9}}&x={{a&b=c}}&a%3Db=1=2"
        );
        assert_eq!(with_query(target, &[]), "/api/users");
        assert_eq!(with_query("/api/users?", &[]), "/api/users");
        assert_eq!(query_parameters("/api/users?"), []);
    }

    proptest! {
        #[test]
        fn written_values_are_read_back(
            query in prop::collection::vec((".{1,8}", ".{0,8}"), 0..5),
            value in ".{0,12}",
        ) {
            let plain = |text: &str| !text.contains("{{");
            prop_assume!(plain(&value) && query.iter().all(|(name, value)| plain(name) && plain(value)));
            let target = with_path_value("/api/users/1", ONE, "id", &value).expect("the path matches");
            let target = with_query(&target, &query);
            prop_assert_eq!(path_values(&target, ONE), Some(vec![value]));
            prop_assert_eq!(query_parameters(&target), query.clone());
            prop_assert_eq!(with_query(&target, &query), target);
        }
    }
}
