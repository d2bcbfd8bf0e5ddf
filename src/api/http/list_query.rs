//! The query of `GET /api/users`: kept_keys, order, page or cursor, and fields.
//!
//! Every error names the query parameter that is invalid. The SQL for the list is in
//! `sandbox::listing`.

use crate::api::error::ApiError;
use crate::api::http::cursor::UserCursor;
use crate::api::http::extract::{Query, invalid_query};
use crate::api::http::link;
use crate::model::user::{NAME_MAX, UserField, UserFields, UserOrder, UserRole};
use crate::sandbox::{UserFilter, UserPage};

/// The keys that the query may have.
pub(in crate::api) const KEYS: [&str; 7] =
    ["page", "per_page", "sort", "role", "q", "fields", "cursor"];
/// The default number of users on a page.
pub(in crate::api) const PER_PAGE: i64 = 20;
/// The maximum number of users on a page.
pub(in crate::api) const PER_PAGE_MAX: i64 = 100;
/// The highest page number that a query may have.
pub(in crate::api) const PAGE_MAX: i64 = 1_000_000;

/// A parsed and validated query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct ListQuery {
    /// The page or the cursor at which the part of the list begins.
    pub(in crate::api) part: ListPart,
    /// The maximum number of users in the part.
    pub(in crate::api) per_page: i64,
    /// Selects only users with this role.
    pub(in crate::api) role: Option<UserRole>,
    /// Selects only users whose name or email address contains this text, ignoring case.
    pub(in crate::api) q: Option<String>,
    /// The fields of each user.
    pub(in crate::api) fields: UserFields,
    /// The query parameters that a link to another part of the list repeats.
    kept_parameters: Vec<(&'static str, String)>,
}

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum ListPart {
    /// A page of the list in the given order.
    Page {
        /// The page number, from 1.
        number: i64,
        /// The order of the list.
        order: UserOrder,
    },
    /// The users after a cursor, in the order of ids.
    AfterCursor(UserCursor),
}

impl ListQuery {
    /// Parses the query of a request.
    ///
    /// # Errors
    /// A key is unknown or occurs twice, a value is invalid for its key, or two keys exclude each
    /// other.
    pub(in crate::api) fn parse(query: Option<&str>) -> Result<ListQuery, ApiError> {
        let query = Query::of(query, &KEYS)?;
        let per_page = query.number("per_page", PER_PAGE, PER_PAGE_MAX)?;
        let kept_keys = ["sort", "role", "q", "fields"];
        let kept_keys = kept_keys
            .into_iter()
            .filter_map(|key| Some((key, query.text(key)?.to_owned())));
        Ok(ListQuery {
            part: ListPart::of(&query)?,
            per_page,
            role: role(&query)?,
            q: search(&query)?,
            fields: fields(&query)?,
            kept_parameters: std::iter::once(("per_page", per_page.to_string()))
                .chain(kept_keys)
                .collect(),
        })
    }

    /// Returns the filter with which the users are read from the database.
    pub(in crate::api) fn filter(&self) -> UserFilter {
        let (order, after, offset) = match self.part {
            ListPart::Page { number, order } => (order, 0, (number - 1) * self.per_page),
            ListPart::AfterCursor(cursor) => (UserOrder::ID, cursor.after(), 0),
        };
        UserFilter {
            role: self.role,
            search: self.q.clone(),
            order,
            after,
            offset,
            limit: self.per_page,
        }
    }

    /// Returns the value of the `Link` header for a page of the list at `path`.
    pub(in crate::api) fn links(&self, path: &str, page: &UserPage) -> String {
        match self.part {
            ListPart::Page { number, .. } => link::page_links(
                path,
                &self.kept_parameters,
                number,
                self.per_page,
                page.total,
            ),
            ListPart::AfterCursor(_) => {
                let last = page.users.last().filter(|_| page.has_more);
                link::cursor_links(
                    path,
                    &self.kept_parameters,
                    last.map(|user| UserCursor::After(user.id)),
                )
            }
        }
    }
}

impl ListPart {
    fn of(query: &Query) -> Result<ListPart, ApiError> {
        let Some(text) = query.text("cursor") else {
            return Ok(ListPart::Page {
                number: query.number("page", 1, PAGE_MAX)?,
                order: order(query)?,
            });
        };
        let mut others = ["sort", "page"].into_iter();
        if let Some(key) = others.find(|key| query.text(key).is_some()) {
            let detail = "cannot be combined with cursor: a list with cursors is sorted by id and has no page numbers";
            return Err(invalid_query(key, detail));
        }
        let cursor = UserCursor::parse(text);
        let cursor = cursor.ok_or_else(|| {
            let detail = "must be copied from a Link header of this list, or empty for the start";
            invalid_query("cursor", detail)
        })?;
        Ok(ListPart::AfterCursor(cursor))
    }
}

fn order(query: &Query) -> Result<UserOrder, ApiError> {
    let Some(text) = query.text("sort") else {
        return Ok(UserOrder::ID);
    };
    UserOrder::parse(text).ok_or_else(|| {
        let detail = format!(
            "must be one field, with - before it for descending order; fields are {}",
            names()
        );
        invalid_query("sort", detail)
    })
}

fn role(query: &Query) -> Result<Option<UserRole>, ApiError> {
    let Some(text) = query.text("role") else {
        return Ok(None);
    };
    let detail = || format!("must be admin or member, not {text:?}");
    let role = UserRole::parse(text);
    role.map(Some)
        .ok_or_else(|| invalid_query("role", detail()))
}

fn search(query: &Query) -> Result<Option<String>, ApiError> {
    let Some(text) = query.text("q") else {
        return Ok(None);
    };
    let is_in_range = (1..=NAME_MAX).contains(&text.chars().count());
    if !is_in_range || text.chars().any(char::is_control) {
        let detail =
            format!("must be 1 to {NAME_MAX} characters, none of them a control character");
        return Err(invalid_query("q", detail));
    }
    Ok(Some(text.to_owned()))
}

fn fields(query: &Query) -> Result<UserFields, ApiError> {
    let Some(text) = query.text("fields") else {
        return Ok(UserFields::ALL);
    };
    let mut fields = UserFields::NONE;
    for name in text.split(',') {
        let Some(field) = UserField::parse(name) else {
            let detail = format!("has no field {name:?}; fields are {}", names());
            return Err(invalid_query("fields", detail));
        };
        if !fields.add(field) {
            return Err(invalid_query("fields", format!("names {name:?} twice")));
        }
    }
    Ok(fields)
}

/// Returns the names of all fields, separated by commas.
fn names() -> String {
    UserField::ALL.map(UserField::as_str).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(query: &str) -> ListQuery {
        ListQuery::parse(Some(query)).expect(query)
    }

    fn page(number: i64, order: &str) -> ListPart {
        ListPart::Page {
            number,
            order: UserOrder::parse(order).expect("an order"),
        }
    }

    #[test]
    fn parse_without_keys_returns_the_defaults() {
        let query = ListQuery::parse(None).expect("a query");
        assert_eq!(query, parse(""));
        assert_eq!((query.part, query.per_page), (page(1, "id"), 20));
        assert_eq!((query.role, query.q), (None, None));
        assert_eq!(query.kept_parameters, [("per_page", "20".to_owned())]);
        assert_eq!(query.fields, UserFields::ALL);
    }

    #[test]
    fn parse_with_each_key_returns_its_value() {
        let query =
            parse("q=kim+%25&fields=name,id&page=3&per_page=100&sort=-created_at&role=admin");
        assert_eq!((query.part, query.per_page), (page(3, "-created_at"), 100));
        assert_eq!(
            (query.role, query.q.as_deref()),
            (Some(UserRole::Admin), Some("kim %"))
        );
        let fields: Vec<_> = query.fields.iter().collect();
        assert_eq!(fields, [UserField::Id, UserField::Name]);
        let kept_parameters: Vec<_> = query
            .kept_parameters
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        assert_eq!(
            kept_parameters,
            [
                "per_page=100",
                "sort=-created_at",
                "role=admin",
                "q=kim %",
                "fields=name,id"
            ]
        );
        assert_eq!(
            parse("cursor=").part,
            ListPart::AfterCursor(UserCursor::Start)
        );
        assert_eq!(
            parse("cursor=&role=member&q=a&fields=id&per_page=1").per_page,
            1
        );
    }

    #[test]
    fn parse_with_invalid_value_names_its_key() {
        #[track_caller]
        fn check(query: &str, key: &str) {
            let error = ListQuery::parse(Some(query)).expect_err(query);
            let text = format!("{error:?}");
            assert!(text.contains("InvalidQuery"), "{query}: {text}");
            assert!(
                text.contains(&format!("parameter: Some({key:?})")),
                "{query}: {text}"
            );
        }
        for value in ["0", "-1", "", "1.0", "1e9", "1000000000", "a", "+1", "%201"] {
            check(&format!("page={value}"), "page");
            check(&format!("per_page={value}"), "per_page");
        }
        check("per_page=101", "per_page");
        for value in [
            "",
            "password",
            "name,id",
            "%2Bname",
            "--name",
            "NAME",
            "name%20desc",
        ] {
            check(&format!("sort={value}"), "sort");
        }
        for value in ["", "root", "Admin", "admin,member"] {
            check(&format!("role={value}"), "role");
        }
        for value in ["", "%00", "a%0Ab", &"a".repeat(101)] {
            check(&format!("q={value}"), "q");
        }
        for value in [
            "",
            "name,",
            "name,password",
            "name,name",
            "name;id",
            "*",
            "name,%20id",
        ] {
            check(&format!("fields={value}"), "fields");
        }
        for value in ["20", "x", "AAAAAAAAAAAA"] {
            check(&format!("cursor={value}"), "cursor");
        }
        check("cursor=&sort=id", "sort");
        check("page=1&cursor=", "page");
        check("color=red", "color");
        check("=1", "");
        check("Page=1", "Page");
        check("page=1&page=1", "page");
    }

    proptest! {
        /// The parsed values are within their bounds and do not depend on the order of the pairs, or the error
        /// names a key of the query.
        #[test]
        fn parse_of_any_query_returns_values_within_bounds_or_names_a_key(
            pairs in prop::collection::vec(
                (
                    prop_oneof![9 => prop::sample::select(KEYS.to_vec()).prop_map(str::to_owned), 1 => "[a-z_ ]{0,4}"],
                    "[0-9]{0,7}|-?(id|name|email)|(id|bio)(,name)?|admin|member|.{0,4}",
                ),
                0..4,
            ),
        ) {
            let text = |pairs: &[(String, String)]| form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
            let mut reversed = pairs.clone();
            reversed.reverse();
            let [read, other] = [&pairs, &reversed].map(|pairs| ListQuery::parse(Some(&text(pairs))));
            let (Ok(query), Ok(other)) = (&read, &other) else {
                for read in [&read, &other] {
                    let error = format!("{:?}", read.as_ref().err());
                    let named = |(key, _): &(String, String)| error.contains(&format!("parameter: Some({key:?})"));
                    prop_assert!(pairs.iter().any(named), "{} of {:?}", error, pairs);
                }
                return Ok(());
            };
            prop_assert_eq!(other, query);
            for (at, (key, _)) in pairs.iter().enumerate() {
                prop_assert!(KEYS.contains(&&**key));
                prop_assert!(pairs[..at].iter().all(|(other, _)| other != key));
            }
            let value_of = |key: &str| pairs.iter().find(|(other, _)| other == key).map(|(_, value)| &**value);
            let per_page = query.per_page.to_string();
            prop_assert_eq!(value_of("per_page").map_or("20", |text| text.trim_start_matches('0')), per_page);
            prop_assert_eq!(value_of("q"), query.q.as_deref());
            prop_assert_eq!(value_of("role"), query.role.map(UserRole::as_str));
            let filter = query.filter();
            prop_assert!((1..=PER_PAGE_MAX).contains(&filter.limit));
            prop_assert!((0..PAGE_MAX * PER_PAGE_MAX).contains(&filter.offset));
            prop_assert_eq!(value_of("cursor").is_some(), matches!(query.part, ListPart::AfterCursor(_)));
        }

        /// Every link is a header value and leads to another page of the same list.
        #[test]
        fn links_lead_to_pages_of_the_same_list(q in "[ -~가-힣]{1,20}", number in 2..50_i64) {
            let text = form_urlencoded::Serializer::new(String::new())
                .append_pair("q", &q).append_pair("sort", "-name").append_pair("page", &number.to_string()).finish();
            let query = parse(&text);
            let links = query.links("/api/users", &UserPage { users: Vec::new(), total: 2000, has_more: true });
            prop_assert!(http::HeaderValue::from_str(&links).is_ok());
            let targets: Vec<_> = links.split(", ").filter_map(|link| link.split(['?', '>']).nth(1)).collect();
            let mut found = Vec::new();
            for target in targets {
                let mut other = parse(target);
                let ListPart::Page { number, .. } = other.part else { panic!("a page") };
                found.push(number);
                other.part = query.part;
                prop_assert_eq!(&other, &query);
            }
            prop_assert_eq!(found, [1, number - 1, number + 1, 100]);
        }

        /// The parameters that a link repeats are parsed as the same kept_keys.
        #[test]
        fn repeated_parameters_parse_as_the_same_query(
            per_page in prop::option::of(1..=100_i64),
            sort in prop::option::of("-?(name|email|id|bio)"),
            q in prop::option::of("[ -~가-힣&%+=]{1,20}"),
            fields in prop::option::of("id|name,role|updated_at,bio,id"),
        ) {
            let mut text = form_urlencoded::Serializer::new(String::new());
            let per_page = per_page.map(|number| number.to_string());
            for (key, value) in [("q", &q), ("fields", &fields), ("sort", &sort), ("per_page", &per_page)] {
                value.iter().for_each(|value| { text.append_pair(key, value); });
            }
            let query = parse(&text.finish());
            prop_assert_eq!(&query.q, &q);
            let again = form_urlencoded::Serializer::new(String::new()).extend_pairs(&query.kept_parameters).finish();
            prop_assert_eq!(parse(&again), query);
        }
    }
}
