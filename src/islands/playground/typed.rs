//! What is in the fields of a form: typed before the form was hydrated, or in a form that is not.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use super::state::DraftSignals;
use crate::components::FormParts;
use crate::islands::dom::{all, find};
use crate::islands::island_data::island_element;
use crate::model::http::{Header, QueryFields, RequestDraft, with_path_value};

/// The form as it is in the page; none on the server.
#[derive(Clone)]
pub(super) struct TypedForm(Option<Element>);

impl TypedForm {
    pub(super) fn current() -> TypedForm {
        TypedForm(island_element().and_then(|island| find(&island, ".request-form")))
    }

    /// Returns a form of the page.
    pub(super) fn of(form: Element) -> TypedForm {
        TypedForm(Some(form))
    }

    /// Returns the request in the form; `None` on the server.
    pub(super) fn draft(&self, parts: &FormParts) -> Option<RequestDraft> {
        let form = self.0.as_ref()?;
        let typed = self.value(".target-input").unwrap_or_default();
        // In a hydrated form the target follows the fields of its parts.
        let is_hydrated = form.closest("[data-hydrated]").ok().flatten().is_some();
        let headers = pairs(form, ".request-headers .field-row").into_iter();
        let headers = headers.map(|(name, value)| Header::new(name.trim(), value.trim()));
        Some(RequestDraft {
            method: self.value(".method-select").unwrap_or_default(),
            target: match is_hydrated {
                true => typed,
                false => target(form, parts, typed),
            },
            headers: headers.filter(|header| !header.name.is_empty()).collect(),
            body: self.value(".body-input").unwrap_or_default(),
        })
    }

    /// Returns a signal with the value of a field; `initial` on the server.
    pub(super) fn signal(&self, selector: &str, initial: &str) -> RwSignal<String> {
        let field = self.0.as_ref().and_then(|form| find(form, selector));
        RwSignal::new(field.map_or_else(|| initial.to_owned(), |field: Element| value(&field)))
    }

    /// Returns the value of a field; `None` on the server and without such a field.
    pub(super) fn value(&self, selector: &str) -> Option<String> {
        let field = find::<Element>(self.0.as_ref()?, selector)?;
        Some(value(&field))
    }

    /// Writes what was typed into the signals, which hold the example; the page has a row for each of theirs.
    pub(super) fn apply(&self, draft: DraftSignals, parts: &FormParts) {
        let Some(form) = &self.0 else { return };
        let text = |selector| find::<Element>(form, selector).map(|field| value(&field));
        draft.method.set(text(".method-select").unwrap_or_default());
        let typed = text(".target-input").unwrap_or_default();
        let target = target(form, parts, typed);
        draft
            .named
            .set(QueryFields::of(&target, &parts.query).named);
        draft.target.set(target);
        draft.body.set(text(".body-input").unwrap_or_default());
        for (rows, selector) in [
            (draft.headers, ".request-headers .field-row"),
            (draft.query, ".request-parts .field-row"),
        ] {
            let rows = rows.rows.get_untracked();
            for (row, (name, value)) in rows.iter().zip(pairs(form, selector)) {
                row.name.set(name);
                row.value.set(value);
            }
        }
    }
}

/// Returns the target with what was typed into the fields of its parts.
fn target(form: &Element, parts: &FormParts, target: String) -> String {
    let Some(details) = find::<Element>(form, ".request-parts") else {
        return target;
    };
    let fields = all(&details, "input").into_iter();
    let mut fields = fields.map(|field| field.unchecked_into::<HtmlInputElement>());
    if fields.all(|field| field.value() == field.default_value()) {
        return target;
    }
    let mut target = target;
    for field in all(&details, "[data-path]") {
        let name = field.get_attribute("data-path").unwrap_or_default();
        target = with_path_value(&target, &parts.template, &name, &value(&field)).unwrap_or(target);
    }
    let query = QueryFields {
        named: all(&details, "[data-query]")
            .iter()
            .map(|field| value(field))
            .collect(),
        others: pairs(&details, ".field-row"),
    };
    query.write(&target, &parts.query)
}

/// Returns name and value of each row.
fn pairs(form: &Element, rows: &str) -> Vec<(String, String)> {
    let pair = |row: web_sys::HtmlElement| {
        let mut inputs = all(&row, "input").into_iter().map(|input| value(&input));
        let mut next = || inputs.next().unwrap_or_default();
        (next(), next())
    };
    all(form, rows).into_iter().map(pair).collect()
}

fn value(field: &Element) -> String {
    if let Some(field) = field.dyn_ref::<HtmlInputElement>() {
        field.value()
    } else if let Some(field) = field.dyn_ref::<HtmlTextAreaElement>() {
        field.value()
    } else {
        let field = field.dyn_ref::<HtmlSelectElement>();
        field.map(HtmlSelectElement::value).unwrap_or_default()
    }
}
