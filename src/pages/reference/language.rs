//! The language of a page of the reference.
//!
//! The texts of the OpenAPI document are English and are translated when they are rendered (see
//! [`Translations`]); summaries of schemas stay English and are marked with `lang`.

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
