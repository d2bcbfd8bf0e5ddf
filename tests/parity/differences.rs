//! Where the Flask version may answer otherwise than the API itself. Never in a status, to which `held`
//! holds it with the API's own cases; at most six.

/// A difference that is meant.
pub(crate) struct Difference {
    /// The ids of the requests that show it.
    pub(crate) requests: &'static [&'static str],
    /// The parts of the response that differ, as `header NAME` or `body/POINTER`.
    pub(crate) parts: &'static [&'static str],
    /// Why.
    pub(crate) reason: &'static str,
    /// The lesson that teaches it.
    pub(crate) lesson: &'static str,
    /// What it says there, in Korean and in English.
    pub(crate) taught: [&'static str; 2],
}

/// All of them.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        requests: &[
            "a-comma-after-the-last-member",
            "a-body-that-ends-early",
            "a-key-twice",
            "an-empty-body",
            "half-of-a-pair",
            "not-a-number",
            "xml-with-a-document-type",
            "csv-with-a-short-row",
            "an-echo-of-broken-json",
        ],
        parts: &["body/detail", "body/body/error"],
        reason: "the parsers of Python have words of their own for what is wrong with a text",
        lesson: "requests/bodies",
        taught: [
            "파서가 하는 말은 언어마다 다릅니다",
            "The words of a parser are its own",
        ],
    },
    Difference {
        requests: &["an-unknown-key"],
        parts: &["body/detail", "body/errors/0/detail"],
        reason: "the Flask version has no cursor, which would hide how simple a page is",
        lesson: "methods/get",
        taught: [
            "Flask 판에는 `cursor`가 없습니다",
            "The Flask version has no `cursor`",
        ],
    },
    Difference {
        requests: &["an-admin-is-told"],
        parts: &["body/sessions"],
        reason: "Flask keeps a session in its cookie alone, so there is nothing to count",
        lesson: "auth/sessions",
        taught: [
            "Flask 판은 이 값을 알 수 없습니다",
            "which the Flask version cannot tell",
        ],
    },
    Difference {
        requests: &[
            "status-401",
            "status-404",
            "status-410",
            "status-429",
            "status-503",
        ],
        parts: &["body/detail"],
        reason: "Python's own table of status codes has a sentence for each, and no need for another",
        lesson: "responses/status-and-json",
        taught: [
            "`HTTPStatus(404).description`",
            "`HTTPStatus(404).description`",
        ],
    },
];
