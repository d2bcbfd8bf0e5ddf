//! What the forms have in common that send a link to an email address: the link to set a forgotten password, and the one to
//! register.

use axum::extract::Form;
use axum::extract::rejection::FormRejection;
use axum::http::header::RETRY_AFTER;
use axum::http::{Extensions, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use crate::api::ClientAddress;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::card::{self, FormCard};
use crate::pages::form_field::Field;
use crate::pages::meta::PageRequest;
use crate::state::AppState;

/// The fields of the form.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkRequestForm {
    email: String,
}

/// Returns the field of the form.
pub(super) fn email_field(
    messages: &MessageCatalog,
    value: String,
    problem: Option<String>,
) -> Field {
    Field {
        name: "email",
        kind: "email",
        label: messages.get("login-email"),
        autocomplete: "username",
        value,
        problem,
        ..Field::default()
    }
}

/// Reads the address of a form and counts the form against the limit of its network. `parse` returns the address or why it is
/// refused, and `card` the form with what was typed and why.
///
/// # Errors
/// The page with the form, when it is refused.
pub(super) async fn read_email(
    state: &AppState,
    page_request: PageRequest,
    extensions: &Extensions,
    form_data: Result<Form<LinkRequestForm>, FormRejection>,
    parse: impl Fn(&str) -> Result<Email, String>,
    card: impl Fn(String, Option<String>) -> FormCard,
) -> Result<Email, Response> {
    let messages = state.i18n.messages(page_request.locale).clone();
    let typed = match form_data {
        Ok(Form(form)) => form.email,
        Err(rejection) => {
            let text = messages.get("login-unreadable");
            let card = card(String::new(), None).refused(rejection.status(), text);
            return Err(card::show(state, page_request, card, || ()).await);
        }
    };
    let email = match parse(typed.trim()) {
        Ok(email) => email,
        Err(problem) => {
            let card = card(typed, Some(problem));
            return Err(card::show(state, page_request, card, || ()).await);
        }
    };
    let network = ClientAddress::of(extensions).map(ClientAddress::network);
    if let Err(seconds) = state.portal.throttle_link_request(network).await {
        let text = messages.with("login-throttled", &[("seconds", &seconds.to_string())]);
        let card = card(typed, None).refused(StatusCode::TOO_MANY_REQUESTS, text);
        let mut response = card::show(state, page_request, card, || ()).await;
        let seconds = HeaderValue::from(seconds);
        response.headers_mut().insert(RETRY_AFTER, seconds);
        return Err(response);
    }
    Ok(email)
}
