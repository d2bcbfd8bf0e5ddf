//! What the server writes into the page for the data panel: its texts and the address of its content.

use serde::Serialize;

use crate::islands::island_data::IslandData;
use crate::model::json::Json;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;

/// The keys of the states of the connection that are shown.
pub(super) const STATES: [&str; 5] = ["loading", "offline", "lost", "refused", "failed"];
/// The keys of the words that mark rows.
pub(super) const MARKS: [&str; 3] = ["added", "changed", "removed"];

/// What a data panel is rendered from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct DataPanelData {
    /// The address of the content, up to the search.
    pub(super) source: String,
    /// Title, and label of the button that closes; `None` on a page of its own.
    pub(super) frame: Option<(String, String)>,
    /// The texts of [`STATES`].
    pub(super) states: Vec<String>,
    /// The texts of [`MARKS`].
    pub(super) marks: Vec<String>,
}

impl DataPanelData {
    /// Returns the data of a panel beside the page at the path `from`, or of the page of the panel.
    pub(super) fn new(
        locale: Locale,
        from: &str,
        is_page: bool,
        messages: &MessageCatalog,
    ) -> DataPanelData {
        let frame = (
            messages.get("data-panel-title"),
            messages.get("data-panel-close"),
        );
        DataPanelData {
            source: format!("/{locale}/data?part&from={from}&q="),
            frame: (!is_page).then_some(frame),
            states: STATES
                .map(|state| messages.get(&["data-panel-", state].concat()))
                .to_vec(),
            marks: MARKS
                .map(|mark| messages.get(&["data-", mark].concat()))
                .to_vec(),
        }
    }
}

impl IslandData for DataPanelData {
    fn from_json(json: &Json) -> Option<DataPanelData> {
        let texts = |name| match json.member(name) {
            Some(Json::Array(texts)) => texts
                .iter()
                .map(|text| text.as_text().map(str::to_owned))
                .collect::<Option<Vec<String>>>(),
            _ => None,
        };
        let frame = texts("frame").and_then(|frame| {
            let [title, close] = frame.try_into().ok()?;
            Some((title, close))
        });
        Some(DataPanelData {
            source: json.member("source")?.as_text()?.to_owned(),
            frame,
            states: texts("states")?,
            marks: texts("marks")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::islands::island_data::data_attribute;

    #[test]
    fn data_is_the_same_after_a_round_trip() {
        for is_page in [false, true] {
            let messages = MessageCatalog::default();
            let data = DataPanelData::new(Locale::En, "/methods/get", is_page, &messages);
            let json = data_attribute(&data).expect("the server writes data");
            let json = Json::parse(json.as_bytes()).expect("the data is JSON");
            assert_eq!(DataPanelData::from_json(&json), Some(data));
        }
    }
}
