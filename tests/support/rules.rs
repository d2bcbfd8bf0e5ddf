//! Rules of HTTP as test cases, which apply to the API and to its Flask version.

/// Paths whose user id is not valid: 400.
pub(crate) const INVALID_IDS: [&str; 4] = [
    "/api/users/abc",
    "/api/users/%ff",
    "/api/users/1.5",
    "/api/users/%20",
];

/// Paths with a valid id that no user has: 404.
pub(crate) fn missing_users() -> Vec<String> {
    let huge = format!("/api/users/{}", "9".repeat(5000));
    let paths = [
        "/api/users/0",
        "/api/users/-1",
        "/api/users/13",
        "/api/users/2147483648",
        "/api/users/99999999999999999999",
    ];
    paths.map(str::to_owned).into_iter().chain([huge]).collect()
}

/// Paths of no resource: 404.
pub(crate) const MISSING_PATHS: [&str; 7] = [
    "/api",
    "/api/",
    "/api//users",
    "/api/users//1",
    "/api/../Cargo.toml",
    "/api/%2e%2e/Cargo.toml",
    "/api/users/1/x",
];

/// Queries of the list that are refused with 400, and the key that causes it.
pub(crate) fn invalid_queries() -> Vec<(String, &'static str)> {
    let huge = "9".repeat(5000);
    let queries = [
        ("per_page=0", "per_page"),
        ("per_page=-1", "per_page"),
        ("per_page=1e9", "per_page"),
        ("per_page=101", "per_page"),
        ("per_page=", "per_page"),
        ("page=0", "page"),
        ("page=99999999999999999999", "page"),
        ("page=1&page=2", "page"),
        ("sort=password", "sort"),
        ("color=red", "color"),
        ("%00=1", "\0"),
    ];
    let queries = queries.map(|(query, key)| (query.to_owned(), key));
    let long = [
        (format!("page={huge}"), "page"),
        (format!("per_page={huge}"), "per_page"),
    ];
    queries.into_iter().chain(long).collect()
}

/// Texts that are not a final status code: 400.
pub(crate) const INVALID_STATUSES: [&str; 17] = [
    "100",
    "101",
    "199",
    "099",
    "0",
    "20",
    "2000",
    "600",
    "999",
    "-200",
    "+200",
    "abc",
    "2e2",
    "200.0",
    "%32%30%30x",
    "%00",
    "%ff",
];

/// Status codes that are not registered, and paths below a status code: 404.
pub(crate) const MISSING_STATUSES: [&str; 6] = ["299", "418", "499", "599", "418/", "200/x"];

/// The time at which user 4 of the seed was last changed.
pub(crate) const CHANGED: &str = "Sun, 04 Jan 2026 09:12:00 GMT";

/// Preconditions of a read of user 4 with the given tag, and the status of the response.
pub(crate) fn read_conditions(tag: &str) -> Vec<(Vec<(&'static str, String)>, u16)> {
    let one = |name, value: &str, status| (vec![(name, value.to_owned())], status);
    let two = |name, value: &str, other, date: &str, status| {
        (
            vec![(name, value.to_owned()), (other, date.to_owned())],
            status,
        )
    };
    let before = "Sun, 04 Jan 2026 09:11:59 GMT";
    let bare = tag.replace('"', "");
    vec![
        one("if-none-match", tag, 304),
        one("if-none-match", &format!("\"other\", {tag}"), 304),
        one("if-none-match", &format!("W/{tag}"), 304),
        one("if-none-match", "*", 304),
        one("if-none-match", "\"other\"", 200),
        one("if-none-match", "", 200),
        one("if-none-match", &bare, 200),
        one("if-none-match", "\"*\"", 200),
        one("if-modified-since", CHANGED, 304),
        one("if-modified-since", "Sunday, 04-Jan-26 09:12:00 GMT", 304),
        one("if-modified-since", "Sun Jan  4 09:12:00 2026", 304),
        one("if-modified-since", before, 200),
        one("if-modified-since", "yesterday", 200),
        two(
            "if-none-match",
            "\"other\"",
            "if-modified-since",
            CHANGED,
            200,
        ),
        two("if-none-match", tag, "if-modified-since", before, 304),
        one("if-unmodified-since", before, 412),
        one("if-unmodified-since", CHANGED, 200),
        two("if-match", tag, "if-unmodified-since", before, 200),
        one("if-match", tag, 200),
        one("if-match", "*", 200),
        one("if-match", "\"other\"", 412),
        one("if-match", &format!("W/{tag}"), 412),
        one("if-match", &bare, 412),
        one("if-match", "", 412),
    ]
}

/// Preconditions that are false for a write to user 4, when its tag is `current`, was `stale`, and
/// the user has changed since [`CHANGED`]: 412.
pub(crate) fn failing_conditions(current: &str, stale: &str) -> Vec<(&'static str, String)> {
    vec![
        ("if-match", stale.to_owned()),
        ("if-match", format!("W/{current}")),
        ("if-match", current.replace('"', "")),
        ("if-match", String::new()),
        ("if-none-match", "*".to_owned()),
        ("if-none-match", current.to_owned()),
        ("if-none-match", format!("W/{current}")),
        ("if-none-match", "what is this".to_owned()),
        ("if-unmodified-since", CHANGED.to_owned()),
    ]
}
