//! The fields of a request form: plain inputs that hold the author's example at first, so that the
//! browser itself can put it back, and that the server reads without scripts.

use leptos::prelude::*;

use crate::model::http::{METHODS, Problem, RequestDraft, TargetError};
use crate::model::words::Words;

/// Method, target, headers and body of a draft.
#[component]
pub fn DraftFields(
    /// Prefix of the fields' ids; unique on the page.
    #[prop(into)]
    id: String,
    /// What the fields hold at first.
    draft: RequestDraft,
    /// How many empty header lines follow; without scripts one is enough.
    #[prop(into)]
    spare_headers: Signal<usize>,
    /// The button that sends.
    send: AnyView,
    /// Words under `request-`.
    words: Words,
) -> impl IntoView {
    let field = |name: &str| [&id, "-", name].concat();
    let other = (!METHODS.contains(&draft.method.as_str())).then(|| draft.method.clone());
    let options = METHODS
        .iter()
        .map(|method| (*method).to_owned())
        .chain(other)
        .map(|method| {
            let selected = method == draft.method;
            view! { <option selected=selected>{method}</option> }
        })
        .collect_view();
    let row = {
        let words = words.clone();
        move |name: String, value: String| {
            view! {
                <div class="header-row">
                    <input class="header-name" name="header-name" value=name aria-label=words.get("request-header-name")
                        spellcheck="false" autocapitalize="off" autocomplete="off"/>
                    <input class="header-value" name="header-value" value=value aria-label=words.get("request-header-value")
                        spellcheck="false" autocapitalize="off" autocomplete="off"/>
                </div>
            }
        }
    };
    let given = draft
        .headers
        .iter()
        .map(|header| row(header.name.clone(), header.value.clone()))
        .collect_view();
    let open = !draft.headers.is_empty();
    let lines = draft.body.lines().count().clamp(3, 14).to_string();
    view! {
        <div class="request-line">
            <select name="method" class="method-select" data-method=draft.method.clone() aria-label=words.get("request-method")>
                {options}
            </select>
            <input id=field("target") name="target" class="target-input" value=draft.target.clone()
                aria-label=words.get("request-target") aria-describedby=field("error")
                spellcheck="false" autocapitalize="off" autocomplete="off"/>
            {send}
        </div>
        <details class="request-headers" open=open>
            <summary>{words.get("request-headers")}</summary>
            {given}
            {move || (0..spare_headers.get()).map(|_| row(String::new(), String::new())).collect_view()}
        </details>
        <details class="request-body" open=!draft.body.is_empty()>
            <summary id=field("body-label")>{words.get("request-body")}</summary>
            <textarea class="body-input" name="body" rows=lines aria-labelledby=field("body-label")
                spellcheck="false" autocapitalize="off" autocomplete="off">{draft.body.clone()}</textarea>
        </details>
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
