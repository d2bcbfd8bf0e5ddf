//! The requests in the forms of the page, for a file.

use web_sys::Element;

use super::data::PlaygroundData;
use super::typed::TypedForm;
use crate::http_file::ExportedRequest;
use crate::islands::dom::{all, find, root};
use crate::islands::island_data::IslandData;
use crate::model::json::Json;

/// Returns the requests in all forms of the page as they are written, also in forms that are not hydrated.
pub(in crate::islands) fn requests_in_page() -> Vec<ExportedRequest> {
    let request = |playground: web_sys::HtmlElement| {
        let json = playground.get_attribute("data-island")?;
        let data = PlaygroundData::from_json(&Json::parse(json.as_bytes()).ok()?)?;
        let form = find::<Element>(&playground, ".request-form")?;
        let parts = data.extras.parts.unwrap_or_default();
        Some(ExportedRequest {
            lines: data.extras.lines,
            draft: TypedForm::of(form).draft(&parts)?,
        })
    };
    let playgrounds = all(&root(), ".playground[data-island]").into_iter();
    playgrounds.filter_map(request).collect()
}
