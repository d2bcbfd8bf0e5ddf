//! What a request for the data panel asks for.

use std::sync::Arc;

use crate::content::LessonPage;
use crate::pages::member_lesson;
use crate::pages::meta::PageRequest;
use crate::state::AppState;

/// The query parameters of the data panel.
#[derive(Clone, Debug, Default)]
pub(super) struct DataPanelQuery {
    /// Whether only the fragment is requested, not a page.
    pub(super) is_fragment: bool,
    /// Only exchanges that contain this text are shown.
    pub(super) search: String,
    /// The id of the exchange, or of its group, to show in full.
    pub(super) open: Option<String>,
    /// The path, after the locale, of the page to link back to; shown only when it is the path of a lesson.
    from: String,
}

impl DataPanelQuery {
    /// Parses the query of an address.
    pub(super) fn parse(query: Option<&str>) -> DataPanelQuery {
        let mut parsed = DataPanelQuery::default();
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "part" => parsed.is_fragment = true,
                "q" => parsed.search = value.trim().to_owned(),
                "open" => parsed.open = Some(value.into_owned()),
                "from" => parsed.from = value.into_owned(),
                _ => {}
            }
        }
        parsed
    }
}

/// Returns the address of the data panel, with the path to link back to when it is the path of a lesson.
pub(super) fn address(
    state: &AppState,
    page_request: &PageRequest,
    query: &DataPanelQuery,
) -> String {
    let locale = page_request.locale;
    match lesson(state, page_request, query) {
        Some(page) => format!("/{locale}/data?from=/{}", page.path),
        None => format!("/{locale}/data"),
    }
}

/// Returns the lesson that the panel links back to, if `from` is the path of one that is open to the viewer.
pub(super) fn lesson(
    state: &AppState,
    page_request: &PageRequest,
    query: &DataPanelQuery,
) -> Option<Arc<LessonPage>> {
    let path = query.from.trim_start_matches('/');
    let page = state.library.page(page_request.locale, path)?;
    member_lesson::is_open(page_request, page).then(|| page.clone())
}
