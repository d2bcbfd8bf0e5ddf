//! A draft as the fields of an HTML form: how the playground's form is read, in the browser and,
//! without scripts, by the server.

use super::{Header, RequestDraft};

impl RequestDraft {
    /// Reads the fields `method`, `target`, `header-name` and `header-value` (in pairs, as often as
    /// there are headers), and `body`. Headers without a name are left out; line ends of the body
    /// become LF, as the author wrote them.
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
    fn reads_the_fields_in_order() {
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
