//! Reading of a draft from the fields of the request form, in the browser or, without scripts, by the server.

use super::{Header, RequestDraft};

impl RequestDraft {
    /// Reads the fields `method`, `target`, `header-name` and `header-value` (one pair for each
    /// header), and `body`. Leaves out headers without a name, and replaces CR LF in the body by LF,
    /// because a browser sends CR LF where the author wrote LF.
    pub fn from_form(fields: impl IntoIterator<Item = (String, String)>) -> RequestDraft {
        let mut draft = RequestDraft::default();
        for (name, value) in fields {
            match name.as_str() {
                "method" => draft.method = value,
                "target" => draft.target = value,
                "header-name" => draft.headers.push(Header::new(value.trim(), "")),
                "header-value" => {
                    if let Some(header) = draft.headers.last_mut() {
                        header.value = value.trim().to_owned();
                    }
                }
                "body" => draft.body = value.replace("\r\n", "\n"),
                _ => {}
            }
        }
        draft.headers.retain(|header| !header.name.is_empty());
        draft
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn from_form_reads_fields_in_order_and_drops_unnamed_headers() {
        let fields = [
            ("method", "POST"),
            ("target", "/api/users"),
            ("header-name", "Content-Type"),
            ("header-value", " application/json "),
            ("header-name", ""),
            ("header-value", "lost"),
            ("body", "{\r\n}"),
            ("id", "ignored"),
        ];
        let draft = RequestDraft::from_form(
            fields.map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        assert_eq!(draft.method, "POST");
        assert_eq!(
            draft.headers,
            [Header::new("Content-Type", "application/json")]
        );
        assert_eq!(draft.body, "{\n}");
    }
}
