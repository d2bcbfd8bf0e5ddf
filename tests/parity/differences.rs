//! The intended differences between responses of the Flask version and of the API, at most six.
//! Statuses never differ; see `http_rules`.

/// An intended difference.
pub(crate) struct Difference {
    /// The ids of the requests whose responses differ.
    pub(crate) requests: &'static [&'static str],
    /// The parts of the response that differ, as `header NAME` or `body/POINTER`.
    pub(crate) parts: &'static [&'static str],
    /// The reason for the difference.
    pub(crate) reason: &'static str,
    /// The path of the lesson that explains it.
    pub(crate) lesson: &'static str,
    /// A quotation of the lesson, in Korean and in English.
    pub(crate) explanation: [&'static str; 2],
}

/// All intended differences.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        requests: &[
            "json-with-trailing-comma",
            "json-that-ends-early",
            "json-with-duplicate-key",
            "empty-body",
            "json-with-lone-surrogate",
            "json-with-nan",
            "xml-with-document-type",
            "csv-with-short-row",
            "echo-of-broken-json",
        ],
        parts: &["body/detail", "body/body/error"],
        reason: "the parsers of Python have other error messages",
        lesson: "requests/bodies",
        explanation: [
            "파서의 오류 메시지는 저마다 다릅니다",
            "Parsers word errors differently",
        ],
    },
    Difference {
        requests: &["unknown-query-parameter"],
        parts: &["body/detail", "body/errors/0/detail"],
        reason: "the Flask version has no cursor, because its list is kept simple",
        lesson: "methods/get",
        explanation: [
            "Flask 버전에는 `cursor`가 없습니다",
            "The Flask version has no `cursor`",
        ],
    },
    Difference {
        requests: &["admin-stats-as-admin"],
        parts: &["body/sessions"],
        reason: "Flask stores a session only in its cookie, so it cannot count sessions",
        lesson: "auth/sessions",
        explanation: [
            "Flask 버전은 이 값을 알 수 없습니다",
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
        reason: "the Flask version uses the descriptions of Python's http.HTTPStatus",
        lesson: "responses/status-and-json",
        explanation: [
            "`HTTPStatus(404).description`",
            "`HTTPStatus(404).description`",
        ],
    },
];
