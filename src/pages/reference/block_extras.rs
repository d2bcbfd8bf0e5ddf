//! What the form of a request block has besides the request.

use super::form_parts::form_parts;
use crate::components::FormExtras;
use crate::http_file::{self, Directive, ExportedRequest, RequestBlock};
use crate::model::http::RequestDraft;

/// Returns the directives of a block for the form of its request, wherever the block stands.
pub(in crate::pages) fn block_extras(block: &RequestBlock, draft: &RequestDraft) -> FormExtras {
    FormExtras {
        prompts: block
            .prompts()
            .map(|(name, label)| (name.to_owned(), label.to_owned()))
            .collect(),
        predict: block.has(&Directive::Predict),
        name: block.name().map(str::to_owned),
        no_redirect: block.has(&Directive::NoRedirect),
        no_cookies: block.has(&Directive::NoCookieJar),
        browser_cache: block.has(&Directive::BrowserCache),
        notes: block
            .directives()
            .filter_map(|directive| match directive {
                Directive::Note(note) => Some(note.clone()),
                _ => None,
            })
            .collect(),
        parts: form_parts(draft),
        ..FormExtras::default()
    }
}

/// Returns what the form of a request has that comes from a file with these lines above it; nothing but its parts
/// when they are not lines of a file.
pub(in crate::pages) fn extras_of_lines(lines: Vec<String>, draft: &RequestDraft) -> FormExtras {
    let request = ExportedRequest {
        lines,
        draft: RequestDraft {
            method: "GET".to_owned(),
            target: "/".to_owned(),
            ..RequestDraft::default()
        },
    };
    let text = http_file::export(std::slice::from_ref(&request), "", None);
    let file = text.ok().and_then(|text| http_file::parse(&text).ok());
    let block = file.and_then(|file| <[_; 1]>::try_from(file.blocks).ok());
    let extras = block.map(|[block]| FormExtras {
        lines: block.kept_lines(),
        ..block_extras(&block, draft)
    });
    extras.unwrap_or_else(|| FormExtras {
        parts: form_parts(draft),
        ..FormExtras::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_form_are_its_directives_again() {
        let draft = RequestDraft {
            target: "/api/users/2".to_owned(),
            ..RequestDraft::default()
        };
        let lines = [
            "### Title",
            "# @name made",
            "# @prompt id The id",
            "# @note Look.",
        ];
        let lines = lines.map(str::to_owned).to_vec();
        let extras = extras_of_lines(lines.clone(), &draft);
        assert_eq!(extras.lines, lines);
        assert_eq!(extras.name.as_deref(), Some("made"));
        assert_eq!(extras.prompts, [("id".to_owned(), "The id".to_owned())]);
        assert_eq!(extras.notes, ["Look."]);
        assert!(extras.parts.is_some());
        // Lines that would be other requests are none.
        for line in ["# @unknown", "GET /a", "# @name a\nGET /b\n###"] {
            let extras = extras_of_lines(vec![line.to_owned()], &draft);
            assert_eq!(
                (extras.lines.len(), extras.parts.is_some()),
                (0, true),
                "{line}"
            );
        }
    }
}
