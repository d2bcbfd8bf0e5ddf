//! The query of `GET /api/users`: which users, in which order, how many, with which fields.
//!
//! Every error names its key. Not here: the SQL that answers it (see `sandbox::user`), and the
//! links to other pages (see `link`).

use crate::api::cursor::Cursor;
use crate::api::error::ApiError;
use crate::model::problem::{PartError, ProblemKind};
use crate::model::user::{NAME_MAX, Role, UserField, UserFields, UserOrder};

/// Its keys.
pub(super) const KEYS: [&str; 7] = ["page", "per_page", "sort", "role", "q", "fields", "cursor"];
/// Users on a page when the query does not say.
const PER_PAGE: i64 = 20;
/// Users on a page at most.
const PER_PAGE_MAX: i64 = 100;
/// The highest page that can be asked for.
const PAGE_MAX: i64 = 1_000_000;

/// A query that has been read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListQuery {
    /// Where the part begins.
    pub(super) window: Window,
    /// How many users it has at most.
    pub(super) per_page: i64,
    /// Only users of this role.
    pub(super) role: Option<Role>,
    /// Only users with this text in their name or e-mail address, whatever its case.
    pub(super) q: Option<String>,
    /// The fields of each user.
    pub(super) fields: UserFields,
    /// What of it a link to another part repeats, in the order of [`KEYS`].
    pub(super) kept: Vec<(&'static str, String)>,
}

/// A part of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Window {
    /// A page, counted from 1, of the list in an order.
    Page {
        /// Its number.
        number: i64,
        /// The order.
        order: UserOrder,
    },
    /// What follows a cursor, in the order of ids.
    From(Cursor),
}

impl ListQuery {
    /// Reads the query of a request.
    ///
    /// # Errors
    /// A key that is unknown or stands twice, a value that is not one of its key, or keys that do
    /// not go together.
    pub(super) fn parse(query: Option<&str>) -> Result<ListQuery, ApiError> {
        let values = Values::read(query)?;
        let window = match values.text("cursor") {
            Some(text) => {
                if let Some(key) = ["sort", "page"].into_iter().find(|key| values.has(key)) {
                    let detail =
                        "does not go with cursor, which has pages of its own and the order of ids";
                    return Err(wrong(key, detail));
                }
                let cursor = Cursor::parse(text).ok_or_else(|| {
                    let detail =
                        "must be one that a Link of this list named, or empty for the start";
                    wrong("cursor", detail)
                })?;
                Window::From(cursor)
            }
            None => Window::Page {
                number: values.number("page", 1, PAGE_MAX)?,
                order: values.order()?,
            },
        };
        Ok(ListQuery {
            window,
            per_page: values.number("per_page", PER_PAGE, PER_PAGE_MAX)?,
            role: values.role()?,
            q: values.search()?,
            fields: values.fields()?,
            kept: values.kept(),
        })
    }
}

/// The values of known keys, each once.
struct Values(Vec<(&'static str, String)>);

impl Values {
    fn read(query: Option<&str>) -> Result<Values, ApiError> {
        let mut values: Vec<(&'static str, String)> = Vec::new();
        for (key, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            let Some(known) = KEYS.into_iter().find(|known| **known == *key) else {
                let detail = format!("is not known here; known are {}", KEYS.join(", "));
                return Err(wrong(&key, detail));
            };
            if values.iter().any(|(key, _)| *key == known) {
                return Err(wrong(known, "stands twice"));
            }
            values.push((known, value.into_owned()));
        }
        Ok(Values(values))
    }

    fn text(&self, key: &str) -> Option<&str> {
        let mut values = self.0.iter();
        let (_, value) = values.find(|(known, _)| *known == key)?;
        Some(value)
    }

    fn has(&self, key: &str) -> bool {
        self.text(key).is_some()
    }

    fn number(&self, key: &str, default: i64, max: i64) -> Result<i64, ApiError> {
        let Some(text) = self.text(key) else {
            return Ok(default);
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.then(|| text.parse().ok()).flatten();
        number
            .filter(|number| (1..=max).contains(number))
            .ok_or_else(|| {
                wrong(
                    key,
                    format!("must be a whole number from 1 to {max}, not {text:?}"),
                )
            })
    }

    fn order(&self) -> Result<UserOrder, ApiError> {
        let Some(text) = self.text("sort") else {
            return Ok(UserOrder::ID);
        };
        UserOrder::parse(text).ok_or_else(|| {
            let detail = format!(
                "must be one field, with - before it for the other direction; fields are {}",
                names()
            );
            wrong("sort", detail)
        })
    }

    fn role(&self) -> Result<Option<Role>, ApiError> {
        let Some(text) = self.text("role") else {
            return Ok(None);
        };
        let role = Role::parse(text);
        role.map(Some)
            .ok_or_else(|| wrong("role", format!("must be admin or member, not {text:?}")))
    }

    fn search(&self) -> Result<Option<String>, ApiError> {
        let Some(text) = self.text("q") else {
            return Ok(None);
        };
        let fits = (1..=NAME_MAX).contains(&text.chars().count());
        if !fits || text.chars().any(char::is_control) {
            let detail =
                format!("must be 1 to {NAME_MAX} characters, and none of them a control character");
            return Err(wrong("q", detail));
        }
        Ok(Some(text.to_owned()))
    }

    fn fields(&self) -> Result<UserFields, ApiError> {
        let Some(text) = self.text("fields") else {
            return Ok(UserFields::ALL);
        };
        let mut fields = UserFields::NONE;
        for name in text.split(',') {
            let Some(field) = UserField::parse(name) else {
                let detail = format!("has no field {name:?}; fields are {}", names());
                return Err(wrong("fields", detail));
            };
            if !fields.add(field) {
                return Err(wrong("fields", format!("names {name:?} twice")));
            }
        }
        Ok(fields)
    }

    /// Everything but the place in the list.
    fn kept(self) -> Vec<(&'static str, String)> {
        let place = |key: &str| matches!(key, "page" | "cursor");
        let mut kept = self.0;
        kept.retain(|(key, _)| !place(key));
        kept.sort_by_key(|(key, _)| KEYS.iter().position(|known| known == key));
        kept
    }
}

/// The names of all fields.
fn names() -> String {
    UserField::ALL.map(UserField::as_str).join(", ")
}

/// An error of one key.
fn wrong(key: &str, detail: impl Into<String>) -> ApiError {
    let detail = detail.into();
    ApiError::new(
        ProblemKind::InvalidQuery,
        format!("the query key {key:?} {detail}"),
    )
    .with_errors(vec![PartError::in_query(key, detail)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(query: &str) -> ListQuery {
        ListQuery::parse(Some(query)).expect(query)
    }

    fn page(number: i64, order: &str) -> Window {
        Window::Page {
            number,
            order: UserOrder::parse(order).expect("an order"),
        }
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let query = ListQuery::parse(None).expect("a query");
        assert_eq!(query, read(""));
        assert_eq!((query.window, query.per_page), (page(1, "id"), 20));
        assert_eq!((query.role, query.q, query.kept), (None, None, Vec::new()));
        assert_eq!(query.fields, UserFields::ALL);
    }

    #[test]
    fn every_key_is_read() {
        let query =
            read("q=kim+%25&fields=name,id&page=3&per_page=100&sort=-created_at&role=admin");
        assert_eq!(
            (query.window, query.per_page),
            (page(3, "-created_at"), 100)
        );
        assert_eq!(
            (query.role, query.q.as_deref()),
            (Some(Role::Admin), Some("kim %"))
        );
        let fields: Vec<_> = query.fields.iter().collect();
        assert_eq!(fields, [UserField::Id, UserField::Name]);
        let kept: Vec<_> = query
            .kept
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        assert_eq!(
            kept,
            [
                "per_page=100",
                "sort=-created_at",
                "role=admin",
                "q=kim %",
                "fields=name,id"
            ]
        );
        assert_eq!(read("cursor=").window, Window::From(Cursor::Start));
        assert_eq!(
            read("cursor=&role=member&q=a&fields=id&per_page=1").per_page,
            1
        );
    }

    #[test]
    fn every_error_names_its_key() {
        #[track_caller]
        fn check(query: &str, key: &str) {
            let error = ListQuery::parse(Some(query)).expect_err(query);
            let told = format!("{error:?}");
            assert!(told.contains("InvalidQuery"), "{query}: {told}");
            assert!(
                told.contains(&format!("parameter: Some({key:?})")),
                "{query}: {told}"
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
        #[test]
        fn any_query_is_read(query in ".{0,60}|([a-z_]{1,8}=[^&]{0,8}&?){0,6}") {
            let _ = ListQuery::parse(Some(&query));
        }

        /// What a link keeps is read as the same filters.
        #[test]
        fn what_is_kept_means_the_same(
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
            let query = read(&text.finish());
            prop_assert_eq!(&query.q, &q);
            let again = form_urlencoded::Serializer::new(String::new()).extend_pairs(&query.kept).finish();
            prop_assert_eq!(read(&again), query);
        }
    }
}
