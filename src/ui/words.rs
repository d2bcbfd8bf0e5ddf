//! How islands come by their words.

use leptos::prelude::*;

use crate::model::words::Words;

/// The words of the page: on the server from the context, in the browser from the page's block of
/// JSON with the id `words`.
pub fn words() -> Words {
    use_context::<Words>().unwrap_or_else(|| {
        document()
            .get_element_by_id("words")
            .and_then(|block| block.text_content())
            .and_then(|json| Words::from_json(&json))
            .unwrap_or_default()
    })
}
