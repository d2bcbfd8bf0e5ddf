//! The address that opens a request in a form of the playground.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::model::http::RequestDraft;
use crate::model::locale::Locale;

/// Returns an address that opens a request in a form without sending it. The draft is in the fragment of
/// the address, which browsers do not send to the server.
pub(super) fn draft_link(locale: Locale, draft: &RequestDraft) -> String {
    let json = serde_json::to_vec(draft).expect("a draft is JSON");
    format!(
        "/{locale}/playground#try={}",
        BASE64_URL_SAFE_NO_PAD.encode(json)
    )
}
