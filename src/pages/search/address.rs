//! The address of a search.

use crate::model::locale::Locale;

/// Returns the address of the results of a query.
pub(super) fn search_address(locale: Locale, text: &str) -> String {
    format!("/{locale}/search{}", address_query(text))
}

/// Returns the query of that address, with its `?`.
pub(super) fn address_query(text: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", text);
    ["?", &query.finish()].concat()
}
