//! The `Link` header of a list (RFC 8288): first, previous, next and last page.

/// The pages around `page`, of `total` items with `per_page` on each.
pub(super) fn pages(path: &str, page: i64, per_page: i64, total: usize) -> String {
    let total = i64::try_from(total).unwrap_or(i64::MAX);
    let last = ((total + per_page - 1) / per_page).max(1);
    let link = |number: i64, relation: &str| {
        format!("<{path}?page={number}&per_page={per_page}>; rel=\"{relation}\"")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_have_no_neighbours() {
        let relations = |page, per_page, total| {
            let links = pages("/api/users", page, per_page, total);
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
        assert!(pages("/api/users", 9, 5, 12).contains("page=3&per_page=5>; rel=\"prev\""));
    }
}
