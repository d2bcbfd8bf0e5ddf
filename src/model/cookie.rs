//! Reads single cookies out of `Cookie` fields (RFC 6265, section 5.4).
//!
//! The fields are read as bytes, because other programs on the same host set cookies too: a byte that
//! is not ASCII in one of their cookies must not hide the cookies of this site. When a name occurs
//! twice, it is unknown which of the two cookies this site has set (a page on another path or a parent
//! domain can set one of the same name), so neither is used.

/// The result of searching a cookie by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieValue<'a> {
    /// The request has no such cookie, or its value is not UTF-8.
    Absent,
    /// The request has more than one such cookie.
    Repeated,
    /// The request has one such cookie, with this value.
    Single(&'a str),
}

impl<'a> CookieValue<'a> {
    /// Finds the cookie with this name in the `Cookie` fields of a request.
    #[must_use]
    pub fn find(fields: impl IntoIterator<Item = &'a [u8]>, name: &str) -> CookieValue<'a> {
        let mut found = fields.into_iter().flat_map(pairs).filter_map(|pair| {
            let (other, value) = split(pair);
            (other == name.as_bytes()).then_some(value)
        });
        match (found.next(), found.next()) {
            (None, _) => CookieValue::Absent,
            (Some(_), Some(_)) => CookieValue::Repeated,
            (Some(value), None) => {
                std::str::from_utf8(value).map_or(CookieValue::Absent, CookieValue::Single)
            }
        }
    }

    /// Returns the value of a cookie that occurs once.
    #[must_use]
    pub fn single(self) -> Option<&'a str> {
        match self {
            CookieValue::Single(value) => Some(value),
            CookieValue::Absent | CookieValue::Repeated => None,
        }
    }
}

/// Returns the pairs of a `Cookie` field unchanged, without surrounding white space.
pub fn pairs(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    field.split(|byte| *byte == b';').map(<[u8]>::trim_ascii)
}

/// Returns the name of a pair.
#[must_use]
pub fn name(pair: &[u8]) -> &[u8] {
    split(pair).0
}

fn split(pair: &[u8]) -> (&[u8], &[u8]) {
    match pair.iter().position(|byte| *byte == b'=') {
        Some(at) => (pair[..at].trim_ascii(), pair[at + 1..].trim_ascii()),
        None => (pair, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookie_is_found_by_its_exact_name_among_other_cookies() {
        fn check(fields: &[&[u8]], expected: CookieValue<'_>) {
            let found = CookieValue::find(fields.iter().copied(), "sandbox");
            assert_eq!(found, expected, "{fields:?}");
        }
        check(&[b"sandbox=K"], CookieValue::Single("K"));
        check(&["lang=한; sandbox=K".as_bytes()], CookieValue::Single("K"));
        check(&[b"a=\xff\xfe;sandbox=K;b"], CookieValue::Single("K"));
        check(&[b"a=1", b"\xff; sandbox = K "], CookieValue::Single("K"));
        check(&[b"sandbox=K=="], CookieValue::Single("K=="));
        check(&[b"sandbox="], CookieValue::Single(""));
        check(&[b"a=\"; sandbox=K"], CookieValue::Single("K"));
        check(&[], CookieValue::Absent);
        check(
            &[b"Sandbox=K; xsandbox=K; a=sandbox=K"],
            CookieValue::Absent,
        );
        check(&[b"sandbox=\xff"], CookieValue::Absent);
        check(&[b"sandbox=K; sandbox=L"], CookieValue::Repeated);
        check(&[b"sandbox=K", b"sandbox=K"], CookieValue::Repeated);
        check(&[b"sandbox=\xff; sandbox=K"], CookieValue::Repeated);
    }
}
