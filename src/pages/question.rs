//! Questions before something is done that cannot be taken back.

use leptos::prelude::*;

use crate::model::messages::MessageCatalog;

/// A question with what will be lost, and the form that answers it.
#[derive(Default)]
pub(super) struct QuestionForm {
    /// What will be lost.
    pub text: String,
    /// The address to which the answer is sent.
    pub address: String,
    /// The address of the page to which "Cancel" leads.
    pub cancel: String,
    /// The names and values that the form sends beside the answer.
    pub values: Vec<(&'static str, String)>,
    /// What is to be done: the value of `do`.
    pub action: &'static str,
    /// The label of the button that does it.
    pub button: String,
    /// A field for an answer in words; without it the form sends `confirm=yes`.
    pub answer: Option<AnyView>,
    /// Whether the form is sent as `multipart/form-data`.
    pub is_multipart: bool,
}

/// Renders a question.
pub(super) fn question_form(
    question: QuestionForm,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let enctype = question.is_multipart.then_some("multipart/form-data");
    let values = question
        .values
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    let values = values.collect_view();
    let answer = question
        .answer
        .unwrap_or_else(|| view! { <input type="hidden" name="confirm" value="yes"/> }.into_any());
    view! {
        <form class="portal-confirm" method="post" enctype=enctype action=question.address
            aria-labelledby="question" tabindex="-1" autofocus>
            {values}
            <p id="question" role="alert">{question.text}</p>
            {answer}
            <p class="card-buttons">
                <button class="button" name="do" value=question.action>{question.button}</button>
                <a class="button" href=question.cancel>{messages.get("cancel")}</a>
            </p>
        </form>
    }
}
