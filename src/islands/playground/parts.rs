//! The fields of the parts of a target: a value in the path, a parameter of the query. The target has
//! them all; a field changes its part of it, and what is written in the target shows in its field.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, HtmlFormElement, HtmlInputElement};

use super::rows;
use crate::islands::dom::{all, find};
use crate::model::http::{path_values, query_parameters, with_path_value, with_query};

fn part(form: &HtmlFormElement) -> Option<(Element, HtmlInputElement)> {
    Some((find(form, ".request-parts")?, find(form, ".target-input")?))
}

/// Shows what the target holds.
pub(super) fn show(form: &HtmlFormElement) {
    let Some((part, target)) = part(form) else {
        return;
    };
    let target = target.value();
    let template = part.get_attribute("data-template").unwrap_or_default();
    let values = path_values(&target, &template);
    for (at, input) in fields(&part, "path").into_iter().enumerate() {
        if let Some(row) = input.parent_element() {
            row.unchecked_ref::<HtmlElement>()
                .set_hidden(values.is_none());
        }
        let value = values.as_ref().and_then(|values| values.get(at));
        input.set_value(value.map(String::as_str).unwrap_or_default());
    }
    let mut query = query_parameters(&target);
    for input in fields(&part, "query") {
        let at = query.iter().position(|(name, _)| *name == name_of(&input));
        let value = at.map(|at| query.remove(at).1);
        input.set_value(&value.unwrap_or_default());
    }
    let others = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    rows::fill(&part, others);
}

/// Writes what was changed in a field, or in the lines around it, into the target.
pub(super) fn edit(form: &HtmlFormElement, changed: &HtmlElement) {
    let Some((part, target)) = part(form).filter(|(part, _)| part.contains(Some(changed))) else {
        return;
    };
    let old = target.value();
    let new = match changed.get_attribute("data-path") {
        Some(name) => {
            let template = part.get_attribute("data-template").unwrap_or_default();
            let value = changed.unchecked_ref::<HtmlInputElement>().value();
            with_path_value(&old, &template, &name, &value).unwrap_or(old)
        }
        None => with_query(&old, &query(&part, &old)),
    };
    target.set_value(&new);
}

/// The query that the fields make: those with a name of the API where they stood, then the others.
fn query(part: &Element, target: &str) -> Vec<(String, String)> {
    let mut query = Vec::new();
    let documented = fields(part, "query").into_iter();
    let mut documented: Vec<(String, String)> = documented
        .map(|input| (name_of(&input), input.value()))
        .filter(|(_, value)| !value.is_empty())
        .collect();
    for (name, _) in query_parameters(target) {
        if let Some(at) = documented.iter().position(|(other, _)| *other == name) {
            query.push(documented.remove(at));
        }
    }
    query.append(&mut documented);
    let others = rows::rows(part).into_iter().map(|row| rows::read(&row));
    query.extend(others.filter(|(name, value)| !name.is_empty() || !value.is_empty()));
    query
}

fn fields(part: &Element, kind: &str) -> Vec<HtmlInputElement> {
    let fields = all(part, &["[data-", kind, "]"].concat()).into_iter();
    fields.map(|input| input.unchecked_into()).collect()
}

fn name_of(input: &HtmlInputElement) -> String {
    input.get_attribute("data-query").unwrap_or_default()
}
