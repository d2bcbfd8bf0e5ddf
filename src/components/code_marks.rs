//! Code inside the sentences of messages.

use leptos::prelude::*;

/// The first of the private characters that mark the places of code in a text.
const FIRST_MARK: u32 = 0xE000;

/// The pieces of code of a text. A mark stands in the text for each piece until the text is rendered, so
/// that a message can have its placeholders in the order of its language.
#[derive(Clone, Debug, Default)]
pub struct CodeMarks(Vec<String>);

impl CodeMarks {
    /// Adds a piece of code and returns its mark, the value for a placeholder of a message.
    pub fn mark(&mut self, code: &str) -> String {
        let number = u32::try_from(self.0.len()).unwrap_or_default();
        self.0.push(code.to_owned());
        char::from_u32(FIRST_MARK + number)
            .map(String::from)
            .unwrap_or_default()
    }

    /// Renders a text with its marks replaced by the pieces of code.
    pub fn view(&self, text: &str) -> AnyView {
        let mut views = Vec::new();
        let mut rest = text;
        while let Some((at, code)) = self.first_mark(rest) {
            let mark = rest[at..].chars().next().map_or(0, char::len_utf8);
            views.push(text_view(&rest[..at]));
            views.push(view! { <code>{code.to_owned()}</code> }.into_any());
            rest = &rest[at + mark..];
        }
        views.push(text_view(rest));
        views.into_any()
    }

    /// Returns the offset of the first mark with its piece of code.
    fn first_mark(&self, text: &str) -> Option<(usize, &str)> {
        text.char_indices().find_map(|(at, character)| {
            let number = u32::from(character).checked_sub(FIRST_MARK)?;
            let code = self.0.get(usize::try_from(number).ok()?)?;
            Some((at, code.as_str()))
        })
    }
}

/// Renders a text; an empty one as nothing, because it would be rendered as a space.
fn text_view(text: &str) -> AnyView {
    (!text.is_empty()).then(|| text.to_owned()).into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_replaced_by_code_in_the_order_of_the_text() {
        let mut codes = CodeMarks::default();
        let (path, value) = (codes.mark("$.id"), codes.mark("<b>"));
        let html = codes.view(&format!("값 {value}, 경로 {path}.")).to_html();
        let html = html.replace("<!>", "");
        assert_eq!(html, "값 <code>&lt;b&gt;</code>, 경로 <code>$.id</code>.");
        let plain = CodeMarks::default().view("\u{e000} plain").to_html();
        assert!(plain.contains("\u{e000} plain"), "{plain}");
    }
}
