//! `/{lang}/account/second-factor`: gives the account a second factor, renews its recovery codes, removes it.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::Extensions;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use qrcode::{Color, QrCode};
use serde::Deserialize;
use tower_sessions::Session;

use crate::api::ClientAddress;
use crate::islands::copy_button::CopyButton;
use crate::model::account::{Account, TeamRole};
use crate::model::messages::MessageCatalog;
use crate::pages::account::password::{current_password, current_password_problem};
use crate::pages::card::{self, FormCard};
use crate::pages::enrolment::{PATH, path};
use crate::pages::form_field::Field;
use crate::pages::notice;
use crate::pages::signed_in::MemberRequest;
use crate::portal::store::StoreError;
use crate::portal::{self, NewSecret};
use crate::state::AppState;

/// The fields of all forms of the page. It does not implement `Debug`, because they are secrets.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SecondFactorForm {
    #[serde(rename = "do")]
    action: String,
    secret: String,
    code: String,
    current: String,
}

/// What was done, or why a form was refused.
#[derive(Default)]
struct SecondFactorOutcome {
    /// The key of the message about what was done.
    done: Option<&'static str>,
    /// Why the current password was refused.
    current: Option<String>,
    /// Why the code was refused.
    code: Option<String>,
}

/// Handles `GET /{lang}/account/second-factor`. `?done=` names what was done: here, or on the page from which an admin who has to
/// get a second factor was led here.
pub(super) async fn show(
    State(state): State<AppState>,
    request: MemberRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let done = match query.as_deref() {
        Some("done=saved") => Some("account-saved"),
        Some("done=disabled") => Some("second-factor-disabled"),
        _ => None,
    };
    page(
        &state,
        request,
        None,
        SecondFactorOutcome {
            done,
            ..SecondFactorOutcome::default()
        },
    )
    .await
}

/// Handles `POST /{lang}/account/second-factor`.
pub(super) async fn submit(
    State(state): State<AppState>,
    request: MemberRequest,
    session: Session,
    extensions: Extensions,
    form_data: Result<Form<SecondFactorForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let form = form_data.map(|Form(form)| form).unwrap_or_default();
    let secret = NewSecret::parse(&form.secret);
    let account = match state
        .portal
        .store
        .find_account(request.viewer.account)
        .await
    {
        Ok(Some(account)) => account,
        Ok(None) => return Redirect::to(&format!("/{}", request.page.locale)).into_response(),
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let network = ClientAddress::of(&extensions).map(ClientAddress::network);
    let portal = &state.portal;
    let checked = portal.authenticate(
        account.email.as_str(),
        form.current,
        network,
        &request.actor,
    );
    if let Err(error) = checked.await {
        let outcome = SecondFactorOutcome {
            current: Some(current_password_problem(error, &messages)),
            ..SecondFactorOutcome::default()
        };
        return page(&state, request, secret, outcome).await;
    }
    let actor = &request.actor;
    let done = match form.action.as_str() {
        "enable" => {
            let wrong_code = || SecondFactorOutcome {
                code: Some(messages.get("code-wrong")),
                ..SecondFactorOutcome::default()
            };
            let Some(secret) = secret else {
                return page(&state, request, None, wrong_code()).await;
            };
            let kept = portal::session_id_hash(&session);
            let typed = (&secret, form.code.as_str());
            match portal
                .create_second_factor(&account, typed, kept, actor)
                .await
            {
                Ok(Some(codes)) => Ok(Some(codes)),
                Ok(None) => return page(&state, request, Some(secret), wrong_code()).await,
                Err(cause) => Err(cause),
            }
        }
        "codes" => match portal.store.has_second_factor(account.id).await {
            Ok(true) => portal
                .replace_recovery_codes(&account, actor)
                .await
                .map(Some),
            Ok(false) => Ok(None),
            Err(cause) => Err(cause),
        },
        "disable" => portal
            .disable_second_factor(&account, actor)
            .await
            .map(|_| None),
        _ => Ok(None),
    };
    match done {
        Ok(Some(codes)) => {
            let is_new = form.action == "enable";
            codes_page(&state, request, codes, is_new).await
        }
        Ok(None) => {
            let done = match form.action.as_str() {
                "disable" => "?done=disabled",
                _ => "",
            };
            let page = path(request.page.locale);
            Redirect::to(&format!("{page}{done}")).into_response()
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// What the page shows.
struct SecondFactorState {
    account: Account,
    has_password: bool,
    has_factor: bool,
    codes_left: i64,
}

async fn load(
    state: &AppState,
    request: &MemberRequest,
) -> Result<Option<SecondFactorState>, StoreError> {
    let (id, store) = (request.viewer.account, &state.portal.store);
    let Some(account) = store.find_account(id).await? else {
        return Ok(None);
    };
    Ok(Some(SecondFactorState {
        account,
        has_password: store.find_password_hash(id).await?.is_some(),
        has_factor: store.has_second_factor(id).await?,
        codes_left: store.count_recovery_codes(id).await?,
    }))
}

async fn page(
    state: &AppState,
    request: MemberRequest,
    secret: Option<NewSecret>,
    outcome: SecondFactorOutcome,
) -> Response {
    let shown = match load(state, &request).await {
        Ok(Some(shown)) => shown,
        Ok(None) => return Redirect::to(&format!("/{}", request.page.locale)).into_response(),
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let messages = state.i18n.messages(request.page.locale).clone();
    let card = FormCard {
        title: messages.get("second-factor-title"),
        has_account_link: true,
        path: PATH.to_owned(),
        done: outcome.done.map(|key| messages.get(key)),
        ..FormCard::default()
    };
    if !shown.has_password {
        let lead = messages.get("second-factor-no-password");
        return card::show(state, request.page, FormCard { lead, ..card }, || ()).await;
    }
    let current = current_password(&messages, outcome.current);
    if shown.has_factor {
        let left = shown.codes_left.to_string();
        let mut buttons = vec![("codes", messages.get("second-factor-new-codes"))];
        let is_required =
            request.viewer.role == TeamRole::Admin && state.portal.requires_admin_totp();
        if !is_required {
            buttons.push(("disable", messages.get("second-factor-disable")));
        }
        let card = FormCard {
            lead: messages.with("second-factor-used", &[("count", &left)]),
            fields: vec![current],
            buttons,
            ..card
        };
        return card::show(state, request.page, card, || ()).await;
    }
    let must = state
        .portal
        .must_enrol(shown.account.id, shown.account.role);
    let lead = match must.await {
        Ok(true) => "second-factor-required",
        Ok(false) => "second-factor-lead",
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let secret = secret.unwrap_or_else(NewSecret::random);
    let site = state.site_title();
    let address = secret.address(&site, shown.account.email.as_str());
    let code = Field {
        name: "code",
        kind: "text",
        label: messages.get("code-label"),
        autocomplete: "one-time-code",
        problem: outcome.code,
        ..Field::default()
    };
    let card = FormCard {
        lead: messages.get(lead),
        hidden: vec![("secret", secret.text())],
        fields: vec![code, current],
        buttons: vec![("enable", messages.get("second-factor-enable"))],
        ..card
    };
    let text = secret.text();
    let above = move || picture(&address, &text, &messages);
    card::show_with(state, request.page, card, above, || ()).await
}

/// Renders the QR code of an address, and the secret to be typed instead.
fn picture(address: &str, secret: &str, messages: &MessageCatalog) -> impl IntoView + use<> {
    let code = QrCode::new(address).ok().map(|code| {
        let label = messages.get("second-factor-picture");
        let size = code.width() + 8;
        let path = qr_path(&code);
        view! {
            <svg class="qr-code" role="img" aria-label=label viewBox=format!("0 0 {size} {size}") shape-rendering="crispEdges">
                <path d=path/>
            </svg>
        }
    });
    view! {
        {code}
        <p class="touch-only"><a class="button" href=address.to_owned()>{messages.get("second-factor-open")}</a></p>
        <p>{messages.get("second-factor-type")}</p>
        <p><code class="recovery-code">{secret.to_owned()}</code></p>
    }
}

/// Returns the dark modules of a QR code as an SVG path, with the margin of four modules that readers need.
fn qr_path(code: &QrCode) -> String {
    let width = code.width();
    let dark = code.to_colors().into_iter().enumerate();
    let dark = dark.filter(|(_, color)| *color == Color::Dark);
    dark.map(|(index, _)| format!("M{} {}h1v1h-1z", index % width + 4, index / width + 4))
        .collect()
}

/// Shows recovery codes, this once.
async fn codes_page(
    state: &AppState,
    request: MemberRequest,
    codes: Vec<String>,
    is_new: bool,
) -> Response {
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let card = FormCard {
        title: messages.get("recovery-title"),
        lead: messages.get("recovery-lead"),
        path: PATH.to_owned(),
        done: is_new.then(|| messages.get("recovery-done")),
        ..FormCard::default()
    };
    let below = move || {
        let items = codes
            .iter()
            .map(|code| view! { <code class="recovery-code">{code.clone()}</code>"\n" });
        view! {
            <div class="code-block">
                <pre class="recovery-codes">{items.collect_view()}</pre>
                <CopyButton/>
            </div>
            <p class="quiet">{messages.get("recovery-print")}</p>
            <p class="card-links"><a class="button primary" href=format!("/{locale}/account")>{messages.get("recovery-continue")}</a></p>
        }
    };
    card::show(state, request.page, card, below).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_of_a_qr_code_has_its_dark_modules() {
        let code = QrCode::new("otpauth://totp/a?secret=AAAA").expect("a code");
        let path = qr_path(&code);
        let dark = code.to_colors().into_iter();
        let dark = dark.filter(|color| *color == Color::Dark).count();
        assert_eq!(path.matches('M').count(), dark);
        assert!(path.starts_with("M4 4h1v1h-1z"), "a corner is dark");
    }
}
