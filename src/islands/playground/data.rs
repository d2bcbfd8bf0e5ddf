//! The data of a playground in the page.

use serde::Serialize;

use crate::components::{FormExtras, FormParts};
use crate::islands::island_data::IslandData;
use crate::model::http::RequestDraft;
use crate::model::json::Json;

/// What a playground is rendered from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct PlaygroundData {
    /// Unique on the page; the fragment that leads to the form.
    pub(super) id: String,
    /// The example of the author.
    pub(super) draft: RequestDraft,
    /// What the form has besides the request.
    pub(super) extras: FormExtras,
    /// The name of the form; unique on the page. Only the server renders it.
    #[serde(skip)]
    pub(super) title: String,
    /// Where the form is sent without scripts. Only the server renders it.
    #[serde(skip)]
    pub(super) action: String,
}

impl IslandData for PlaygroundData {
    fn from_json(json: &Json) -> Option<PlaygroundData> {
        let extras = json.member("extras")?;
        let parts = extras.member("parts").filter(|parts| **parts != Json::Null);
        Some(PlaygroundData {
            id: text(json, "id")?,
            draft: RequestDraft::from_parsed(json.member("draft")?)?,
            extras: FormExtras {
                prompts: items(extras, "prompts").iter().filter_map(pair).collect(),
                predict: is_true(extras, "predict"),
                name: text(extras, "name"),
                no_redirect: is_true(extras, "no_redirect"),
                no_cookies: is_true(extras, "no_cookies"),
                browser_cache: is_true(extras, "browser_cache"),
                notes: texts(extras, "notes"),
                parts: parts.map(|parts| FormParts {
                    template: text(parts, "template").unwrap_or_default(),
                    query: texts(parts, "query"),
                    open: is_true(parts, "open"),
                }),
                lesson: text(extras, "lesson"),
                lines: texts(extras, "lines"),
                save_as: text(extras, "save_as"),
            },
            ..PlaygroundData::default()
        })
    }
}

fn text(json: &Json, name: &str) -> Option<String> {
    json.member(name)?.as_text().map(str::to_owned)
}

fn is_true(json: &Json, name: &str) -> bool {
    json.member(name) == Some(&Json::Bool(true))
}

fn items<'a>(json: &'a Json, name: &str) -> &'a [Json] {
    match json.member(name) {
        Some(Json::Array(items)) => items,
        _ => &[],
    }
}

fn texts(json: &Json, name: &str) -> Vec<String> {
    let texts = items(json, name).iter().filter_map(Json::as_text);
    texts.map(str::to_owned).collect()
}

fn pair(json: &Json) -> Option<(String, String)> {
    let Json::Array(pair) = json else { return None };
    let text = |at| pair.get(at).and_then(Json::as_text).map(str::to_owned);
    Some((text(0)?, text(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::islands::island_data::data_attribute;
    use crate::model::http::Header;

    #[test]
    fn data_is_the_same_after_a_round_trip() {
        let data = PlaygroundData {
            id: "create-user".to_owned(),
            draft: RequestDraft {
                method: "POST".to_owned(),
                target: "/api/users/{{id}}".to_owned(),
                headers: vec![Header::new("Content-Type", "application/json")],
                body: "{\n  \"name\": \"한\"\n}".to_owned(),
            },
            extras: FormExtras {
                prompts: vec![("id".to_owned(), "The \"id\"".to_owned())],
                predict: true,
                name: Some("made".to_owned()),
                no_redirect: true,
                no_cookies: true,
                browser_cache: true,
                notes: vec!["<b>".to_owned()],
                parts: Some(FormParts {
                    template: "/api/users/{id}".to_owned(),
                    query: vec!["page".to_owned()],
                    open: true,
                }),
                lesson: Some("methods/post#create-user".to_owned()),
                lines: vec!["# @expect status == 201".to_owned()],
                save_as: Some("Create a user".to_owned()),
            },
            ..PlaygroundData::default()
        };
        for data in [data, PlaygroundData::default()] {
            let json = data_attribute(&data).expect("the server writes data");
            let json = Json::parse(json.as_bytes()).expect("the data is JSON");
            assert_eq!(PlaygroundData::from_json(&json), Some(data));
        }
    }
}
