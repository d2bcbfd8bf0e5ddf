//! The `Link` header of a list (RFC 8288): the parts around this one, with all filters kept.

use crate::api::http::cursor::UserCursor;

/// The first, previous, next and last page around `page`, of `total` items with `per_page` on
/// each; `kept` are the pairs of the query that each repeats.
pub(in crate::api) fn pages(
    path: &str,
    kept: &[(&'static str, String)],
    page: i64,
    per_page: i64,
    total: usize,
) -> String {
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    let last = ((total + per_page - 1) / per_page).max(1);
    let link = |number: i64, relation| link(path, ("page", &number.to_string()), kept, relation);
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

/// The start of the list, and what follows the part that ends at `next`, if anything does.
pub(in crate::api) fn following(
    path: &str,
    kept: &[(&'static str, String)],
    next: Option<UserCursor>,
) -> String {
    let link =
        |cursor: UserCursor, relation| link(path, ("cursor", &cursor.to_string()), kept, relation);
    let mut links = vec![link(UserCursor::Start, "first")];
    links.extend(next.map(|next| link(next, "next")));
    links.join(", ")
}

/// One link. The pairs are percent-encoded, so that nothing in them ends the address.
fn link(
    path: &str,
    place: (&str, &str),
    kept: &[(&'static str, String)],
    relation: &str,
) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair(place.0, place.1)
        .extend_pairs(kept)
        .finish();
    format!("<{path}?{query}>; rel=\"{relation}\"")
}

#[cfg(test)]
mod tests {
    use crate::api::http::link::*;
    use crate::model::user::UserId;

    #[test]
    fn the_ends_have_no_neighbours() {
        let relations = |page, per_page, total| {
            let links = pages("/api/users", &[], page, per_page, total);
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
        assert!(pages("/api/users", &[], 9, 5, 12).contains("page=3>; rel=\"prev\""));
    }

    #[test]
    fn filters_are_kept() {
        let kept = [("sort", "-name".to_owned()), ("q", "a&b>, c".to_owned())];
        let links = pages("/api/users", &kept, 1, 20, 21);
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
    fn a_walk_has_a_start_and_an_end() {
        let kept = [("per_page", "5".to_owned())];
        let after = UserCursor::After(UserId::new(5).expect("an id"));
        assert_eq!(
            following("/api/users", &kept, Some(after)),
            format!(
                "</api/users?cursor=&per_page=5>; rel=\"first\", \
                 </api/users?cursor={after}&per_page=5>; rel=\"next\""
            )
        );
        assert!(!following("/api/users", &kept, None).contains("next"));
    }
}
