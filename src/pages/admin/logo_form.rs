//! The form of the logo, on the page of settings. `logo` handles it.

use leptos::prelude::*;

use crate::content::LOGO_SIZE_MAX;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::question::{QuestionForm, question_form};
use crate::state::AppState;

/// Returns the greatest size of a file, in kB.
pub(super) fn size_max() -> String {
    (LOGO_SIZE_MAX / 1024).to_string()
}

/// Renders the logo with the form that replaces or removes it.
pub(super) fn logo_form(
    state: &AppState,
    locale: Locale,
    problem: Option<String>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let title = messages.get("logo-title");
    let shown = state.logo().map(|(address, width, height)| {
        let alt = messages.get("logo-alt");
        view! { <p><img class="site-logo" src=address alt=alt width=width height=height/></p> }
    });
    if state.library.logo().is_some() {
        return view! {
            <section class="portal-section">
                <h2>{title}</h2>
                {shown}
                <p class="quiet">{messages.get("logo-fixed")}</p>
            </section>
        }
        .into_any();
    }
    let remove = shown.is_some().then(|| {
        view! { <button class="button" name="do" value="remove" formnovalidate>{messages.get("logo-remove")}</button> }
    });
    let problem_id = problem.as_ref().map(|_| "logo-problem");
    let invalid = problem.as_ref().map(|_| "true");
    let described_by = ["logo-note"].into_iter().chain(problem_id);
    let described_by = described_by.collect::<Vec<_>>().join(" ");
    let problem = problem.map(|text| {
        view! { <span class="field-error" id=problem_id role="alert">{text}</span> }
    });
    let note = messages.with("logo-note", &[("size", &size_max())]);
    view! {
        <section class="portal-section">
            <h2>{title}</h2>
            {shown}
            <form class="portal-form" method="post" enctype="multipart/form-data" action=format!("/{locale}/admin/logo")>
                <p class="field portal-wide">
                    <label for="logo">{messages.get("logo-file")}</label>
                    <input id="logo" name="file" type="file" accept=".svg,.png,.webp" required autofocus=invalid.is_some() aria-invalid=invalid aria-describedby=described_by/>
                    {problem}
                    <span class="field-note" id="logo-note">{note}</span>
                </p>
                <p class="portal-pages portal-wide">
                    <button class="button primary" name="do" value="upload">{messages.get("logo-upload")}</button>
                    {remove}
                </p>
            </form>
        </section>
    }
    .into_any()
}

/// Renders the question before the logo is removed.
pub(super) fn logo_removal_question(
    locale: Locale,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let question = QuestionForm {
        text: messages.get("logo-remove-ask"),
        address: format!("/{locale}/admin/logo"),
        cancel: format!("/{locale}/admin/settings"),
        action: "remove",
        button: messages.get("logo-remove"),
        is_multipart: true,
        ..QuestionForm::default()
    };
    question_form(question, messages)
}
