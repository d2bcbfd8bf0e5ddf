//! The address to which the form of a request is sent without scripts (`pages::try_request`).

use crate::model::http::RequestDraft;
use crate::model::locale::Locale;

/// Returns the address to which a form without scripts is sent. `origin` is the query that says where the form is; the method that
/// the form shows at first is added, by which `submit` knows that another one was chosen.
pub(super) fn form_action(locale: Locale, origin: &str, draft: &RequestDraft) -> String {
    let method: String = form_urlencoded::byte_serialize(draft.method.as_bytes()).collect();
    let separator = if origin.is_empty() { "" } else { "&" };
    format!("/{locale}/try?{origin}{separator}method={method}")
}
