//! A request as a form: plain inputs that hold the author's example at first, so that the browser
//! itself can put it back, and that the server reads without scripts.

use leptos::prelude::*;

use crate::model::html::escape;
use crate::model::http::{METHODS, Problem, RequestDraft, TargetError};
use crate::model::words::Words;

/// Method, target, headers and body of a draft, and what can be done with them.
#[component]
pub fn RequestForm(
    /// Unique on the page; the fragment that leads to the form.
    #[prop(into)]
    id: String,
    /// Names the form; unique on the page.
    title: String,
    /// What the fields hold at first.
    draft: RequestDraft,
    /// Where the form goes without scripts.
    action: String,
    /// Words under `request-`.
    words: Words,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let body_label = format!("{id}-body");
    let methods = METHODS.iter().map(|method| (*method).to_owned());
    let other = (!METHODS.contains(&draft.method.as_str())).then(|| draft.method.clone());
    let options = methods
        .chain(other)
        .map(|method| {
            let selected = method == draft.method;
            view! { <option selected=selected>{method}</option> }
        })
        .collect_view();
    let spare = std::iter::once((String::new(), String::new()));
    let rows = draft
        .headers
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .chain(spare)
        .map(|(name, value)| view! { <HeaderRow name=name value=value words=words.clone()/> })
        .collect_view();
    let labelled = title_id.clone();
    let (has_headers, has_body) = (!draft.headers.is_empty(), !draft.body.is_empty());
    // The renderer does not escape the text of a textarea, and a browser drops its first line break.
    let body = ["\n", &escape(&draft.body)].concat();
    let lines = draft.body.lines().count().clamp(3, 14).to_string();
    view! {
        <section id=id aria-labelledby=labelled>
            <p class="visually-hidden" id=title_id>{title}</p>
            <form class="request-form" method="post" action=action>
                <div class="request-line">
                    <select name="method" class="method-select" data-method=draft.method.clone() aria-label=words.get("request-method")>
                        {options}
                    </select>
                    <input name="target" class="target-input" value=draft.target aria-label=words.get("request-target")
                        spellcheck="false" autocapitalize="off" autocomplete="off"/>
                    <button type="submit" class="button primary send">{words.get("request-send")}</button>
                </div>
                <details class="request-headers" open=has_headers>
                    <summary>{words.get("request-headers")}</summary>
                    {rows}
                </details>
                <details class="request-body" open=has_body>
                    <summary id=body_label.clone()>{words.get("request-body")}</summary>
                    <textarea class="body-input" name="body" rows=lines aria-labelledby=body_label
                        spellcheck="false" autocapitalize="off" autocomplete="off" inner_html=body></textarea>
                </details>
                <div class="request-actions">
                    <button type="button" class="link-button" data-do="add-header">{words.get("request-add-header")}</button>
                    <button type="button" class="link-button" data-do="reset">{words.get("request-reset")}</button>
                    <button type="button" class="link-button" data-do="curl">{words.get("request-curl")}</button>
                    <span class="quiet hint">{words.get("request-hint")}</span>
                </div>
            </form>
        </section>
    }
}

#[component]
fn HeaderRow(name: String, value: String, words: Words) -> impl IntoView {
    view! {
        <div class="header-row">
            <input class="header-name" name="header-name" value=name aria-label=words.get("request-header-name")
                spellcheck="false" autocapitalize="off" autocomplete="off"/>
            <input class="header-value" name="header-value" value=value aria-label=words.get("request-header-value")
                spellcheck="false" autocapitalize="off" autocomplete="off"/>
        </div>
    }
}

/// The key of the words that say what is wrong with a field.
pub fn problem_key(problem: Problem) -> &'static str {
    match problem {
        Problem::MethodMalformed => "problem-method",
        Problem::MethodForbidden => "problem-method-forbidden",
        Problem::Target(TargetError::NotAPath) => "problem-target-path",
        Problem::Target(TargetError::OtherHost) => "problem-target-host",
        Problem::Target(TargetError::Backslash | TargetError::ControlCharacter) => {
            "problem-target-character"
        }
        Problem::Target(TargetError::Fragment) => "problem-target-fragment",
        Problem::Target(TargetError::OutsideApi) => "problem-target-outside",
        Problem::Target(TargetError::EventStream) => "problem-target-stream",
        Problem::HeaderNameMalformed => "problem-header-name",
        Problem::HeaderForbidden => "problem-header-forbidden",
        Problem::HeaderValueMalformed => "problem-header-value",
        Problem::HeaderValueNotLatin1 => "problem-header-latin",
        Problem::BodyForbidden => "problem-body-forbidden",
    }
}
