//! Whole addresses of the site in the place of a target.

/// Returns the part of an address after this origin, without white space around it; see [`target_after_origin`].
#[must_use]
pub fn target_of_address<'a>(address: &'a str, origin: &str) -> Option<&'a str> {
    target_after_origin(address.trim(), origin)
}

/// Returns the part of an address after this origin: path and query, or a placeholder for them. Returns `None` for the
/// address of another site, and for a path.
#[must_use]
pub fn target_after_origin<'a>(address: &'a str, origin: &str) -> Option<&'a str> {
    let start = address.get(..origin.len())?;
    let rest = &address[origin.len()..];
    // Scheme and host have no case (RFC 3986, section 6.2.2.1).
    let is_own = !origin.is_empty() && start.eq_ignore_ascii_case(origin);
    (is_own && (rest.starts_with('/') || rest.starts_with("{{"))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_origin_have_a_target() {
        fn check(address: &str, expected: Option<&str>) {
            let target = target_of_address(address, "https://h.test:8443");
            assert_eq!(target, expected, "{address}");
        }
        check("https://h.test:8443/api/users?q=1", Some("/api/users?q=1"));
        check(" HTTPS://H.test:8443/api\n", Some("/api"));
        check(
            "https://h.test:8443{{made.response.headers.Location}}",
            Some("{{made.response.headers.Location}}"),
        );
        check("https://h.test:8443", None);
        check("https://h.test:84430/api", None);
        check("https://h.test:8443.evil.test/api", None);
        check("https://h.test:8443@evil.test/api", None);
        check("http://h.test:8443/api", None);
        check("/api/users", None);
        check("한글한글한글한글한글", None);
        assert_eq!(target_of_address("/api", ""), None);
    }
}
