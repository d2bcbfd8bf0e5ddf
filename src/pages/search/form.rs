//! The form of the search.

use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::search::QUERY_MAX;

/// Renders the form of the search with a query in its field.
pub(in crate::pages) fn search_form(
    locale: Locale,
    messages: &MessageCatalog,
    query: &str,
) -> impl IntoView + use<> {
    let label = messages.get("search-label");
    view! {
        <form class="search-form" role="search" method="get" action=format!("/{locale}/search")>
            <input type="search" name="q" value=query.to_owned() maxlength=QUERY_MAX.to_string() aria-label=label.clone() placeholder=label
                spellcheck="false" autocapitalize="off" autocomplete="off" enterkeyhint="search"/>
            <button type="submit" class="button">{messages.get("search-submit")}</button>
        </form>
    }
}
