//! The language of a page of the reference.
//!
//! The texts of the OpenAPI document are English and are translated when they are rendered (see
//! [`Translations`]). In summaries of schemas the units are translated, and the names of types are not.

use leptos::prelude::*;

use super::endpoints::Endpoint;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::translations::Translations;
use crate::state::AppState;

/// The locale of a page of the reference, with its messages and translations.
#[derive(Clone)]
pub(super) struct ReferenceLanguage {
    pub(super) locale: Locale,
    pub(super) messages: MessageCatalog,
    /// The translations of the texts of the OpenAPI document.
    document: Translations,
}

impl ReferenceLanguage {
    pub(super) fn new(state: &AppState, locale: Locale) -> ReferenceLanguage {
        ReferenceLanguage {
            locale,
            messages: state.i18n.messages(locale).clone(),
            document: state.i18n.reference(locale).clone(),
        }
    }

    /// Renders a text of the document, with code between backticks as `<code>`. A text without a translation
    /// is shown in English and marked as such.
    pub(super) fn text(&self, english: &str) -> impl IntoView + use<> {
        let translated = self.document.find(english);
        let lang = translated.is_none().then_some("en");
        let text = translated.unwrap_or_else(|| english.to_owned());
        let parts: Vec<AnyView> = text
            .split('`')
            .enumerate()
            .filter(|(_, part)| !part.is_empty())
            .map(|(index, part)| match index % 2 {
                0 => part.to_owned().into_any(),
                _ => view! { <code>{part.to_owned()}</code> }.into_any(),
            })
            .collect();
        view! { <span lang=lang>{parts}</span> }
    }

    /// Renders the summary of a schema. One without words to translate is marked as English.
    pub(super) fn summary(&self, english: &str) -> impl IntoView + use<> {
        let text = translate_summary(english, &self.messages);
        let lang = (text == english).then_some("en");
        view! { <code lang=lang>{text}</code> }
    }
}

/// Translates the units and the default in the summary of a schema.
pub(super) fn translate_summary(english: &str, messages: &MessageCatalog) -> String {
    let translate = |part: &str| {
        let (key, name, value) = if let Some(range) = part.strip_suffix(" characters") {
            ("reference-characters", "range", range)
        } else if let Some(range) = part.strip_suffix(" items") {
            ("reference-items", "range", range)
        } else if let Some(value) = part.strip_prefix("default ") {
            ("reference-default", "value", value)
        } else {
            return part.to_owned();
        };
        messages.with(key, &[(name, value)])
    };
    let parts: Vec<String> = english.split(", ").map(translate).collect();
    parts.join(", ")
}

/// Returns the summary of an endpoint in one line.
pub(in crate::pages) fn endpoint_title(endpoint: &Endpoint, messages: &MessageCatalog) -> String {
    match endpoint.method.as_str() {
        "OPTIONS" => messages.with("operation-options", &[("path", &endpoint.path)]),
        "HEAD" => {
            let slug = endpoint.slug.trim_end_matches("-head");
            let title = messages.get(&format!("operation-{slug}"));
            messages.with("operation-head", &[("title", &title)])
        }
        _ => messages.get(&format!("operation-{}", endpoint.slug)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_and_default_of_a_summary_are_translated() {
        let texts = [
            ("reference-characters", "{range}자"),
            ("reference-items", "{range}개"),
            ("reference-default", "기본값 {value}"),
        ];
        let texts = texts.map(|(key, text)| (key.to_owned(), text.to_owned()));
        let messages = MessageCatalog::new(texts.into());
        let check = |english: &str, expected: &str| {
            assert_eq!(translate_summary(english, &messages), expected);
        };
        check("string, 1–100 characters", "string, 1–100자");
        check("string | null, ≤ 500 characters", "string | null, ≤ 500자");
        check("integer, 1–100, default 20", "integer, 1–100, 기본값 20");
        check("array of User, ≤ 5 items", "array of User, ≤ 5개");
        check("string, admin | member", "string, admin | member");
    }
}
