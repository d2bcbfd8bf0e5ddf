//! The `Link` header of a list (RFC 8288): links to the neighboring pages with the same filters.

use crate::api::http::cursor::UserCursor;

/// Returns links to the first, previous, next and last page, as seen from `page`, of a list of `total`
/// items with `per_page` items on each page. Every link repeats the query parameters `kept_parameters`.
pub(in crate::api) fn page_links(
    path: &str,
    kept_parameters: &[(&'static str, String)],
    page: i64,
    per_page: i64,
    total: usize,
) -> String {
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    let last = ((total + per_page - 1) / per_page).max(1);
    let link = |number: i64, relation| {
        link(
            path,
            ("page", &number.to_string()),
            kept_parameters,
            relation,
        )
    };
    let mut links = vec![link(1, "first")];
    if page > 1 {
        links.push(link((page - 1).min(last), "prev"));
    }
    if page < last {
        links.push(link(page + 1, "next"));
    }
    links.push(link(last, "last"));
    links.join(", ")
}

/// Returns links for a list with cursors: to its start, and to the next part at the cursor `next` unless
/// this part is the last. Every link repeats the query parameters `kept_parameters`.
pub(in crate::api) fn cursor_links(
    path: &str,
    kept_parameters: &[(&'static str, String)],
    next: Option<UserCursor>,
) -> String {
    let link = |cursor: UserCursor, relation| {
        link(
            path,
            ("cursor", &cursor.to_string()),
            kept_parameters,
            relation,
        )
    };
    let mut links = vec![link(UserCursor::Start, "first")];
    links.extend(next.map(|next| link(next, "next")));
    links.join(", ")
}

/// Returns one link. The query parameters are percent-encoded, so that no character in them can end the
/// address.
fn link(
    path: &str,
    position: (&str, &str),
    kept_parameters: &[(&'static str, String)],
    relation: &str,
) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(position.0, position.1)
        .extend_pairs(kept_parameters)
        .finish();
    format!("<{path}?{query}>; rel=\"{relation}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::user::UserId;

    #[test]
    fn pages_at_the_ends_of_the_list_omit_prev_and_next() {
        let relations = |page, per_page, total| {
            let links = page_links("/api/users", &[], page, per_page, total);
            let names = links
                .split("rel=\"")
                .skip(1)
                .map(|rest| rest.split('"').next().unwrap_or_default().to_owned());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(relations(1, 20, 12), "first last");
        assert_eq!(relations(1, 5, 12), "first next last");
        assert_eq!(relations(2, 5, 12), "first prev next last");
        assert_eq!(relations(3, 5, 12), "first prev last");
        assert_eq!(relations(1, 5, 0), "first last");
        assert!(page_links("/api/users", &[], 9, 5, 12).contains("page=3>; rel=\"prev\""));
    }

    #[test]
    fn pages_with_filters_repeats_them_in_every_link() {
        let kept_parameters = [("sort", "-name".to_owned()), ("q", "a&b>, c".to_owned())];
        let links = page_links("/api/users", &kept_parameters, 1, 20, 21);
        let query = "sort=-name&q=a%26b%3E%2C+c";
        assert_eq!(
            links,
            format!(
                "</api/users?page=1&{query}>; rel=\"first\", </api/users?page=2&{query}>; rel=\"next\", \
                 </api/users?page=2&{query}>; rel=\"last\""
            )
        );
    }

    #[test]
    fn following_links_to_the_start_and_omits_next_at_the_end() {
        let kept_parameters = [("per_page", "5".to_owned())];
        let after = UserCursor::After(UserId::new(5).expect("an id"));
        assert_eq!(
            cursor_links("/api/users", &kept_parameters, Some(after)),
            format!(
                "</api/users?cursor=&per_page=5>; rel=\"first\", \
                 </api/users?cursor={after}&per_page=5>; rel=\"next\""
            )
        );
        assert!(!cursor_links("/api/users", &kept_parameters, None).contains("next"));
    }
}
