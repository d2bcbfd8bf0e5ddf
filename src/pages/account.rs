//! `/{lang}/account`: the own account: name and language, password, sessions, the own data, and its deletion.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{Extensions, HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;

use crate::api::ClientAddress;
use crate::model::account::{Account, DisplayName};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::actor::AnyActor;
use crate::pages::admin::outcome_view;
use crate::pages::form_field::{Field, field};
use crate::pages::member_sandbox;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::new_account::{new_password, password_problem};
use crate::pages::notice;
use crate::pages::passkey;
use crate::pages::render::render;
use crate::pages::sign_in::SignInError;
use crate::pages::signed_in::MemberRequest;
use crate::pages::time::time;
use crate::portal::store::StoreError;
use crate::portal::store::audit::AuditAction;
use crate::portal::store::member::{MemberChange, MemberError, OwnSession};
use crate::portal::store::session::SessionIdHash;
use crate::portal::{self, AuthenticationError, Password, PeopleError};
use crate::state::AppState;
use crate::state::StyleSheet;

/// The fields of all forms of the page. It does not implement `Debug`, because it contains passwords.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OwnAccountForm {
    #[serde(rename = "do")]
    action: String,
    name: String,
    language: String,
    current: String,
    password: String,
    session: String,
}

/// What is shown after something was done.
#[derive(Clone, Default)]
struct AccountOutcome {
    message: Option<(bool, String)>,
    /// The name of a field, and why it was refused.
    problem: Option<(&'static str, String)>,
}

impl AccountOutcome {
    fn done(text: String) -> AccountOutcome {
        AccountOutcome {
            message: Some((true, text)),
            problem: None,
        }
    }

    fn is_done(&self) -> bool {
        matches!(self.message, Some((true, _)))
    }

    fn refused(text: String) -> AccountOutcome {
        AccountOutcome {
            message: Some((false, text)),
            problem: None,
        }
    }

    fn problem(field: &'static str, text: String) -> AccountOutcome {
        AccountOutcome {
            message: None,
            problem: Some((field, text)),
        }
    }

    /// Returns why a field was refused.
    fn problem_of(&self, field: &str) -> Option<String> {
        let problem = self.problem.as_ref();
        problem
            .filter(|(name, _)| *name == field)
            .map(|(_, text)| text.clone())
    }
}

/// Handles `GET /{lang}/account`.
pub(super) async fn show(
    State(state): State<AppState>,
    request: MemberRequest,
    session: Session,
) -> Response {
    account_page(&state, request, &session, AccountOutcome::default()).await
}

/// Handles `POST /{lang}/account`.
pub(super) async fn submit(
    State(state): State<AppState>,
    request: MemberRequest,
    AnyActor(_, client): AnyActor,
    session: Session,
    (headers, extensions): (HeaderMap, Extensions),
    form: Result<Form<OwnAccountForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let Ok(Form(form)) = form else {
        let outcome = AccountOutcome::refused(messages.get("login-unreadable"));
        return account_page(&state, request, &session, outcome).await;
    };
    let address = ClientAddress::of(&extensions);
    let result = match form.action.as_str() {
        "profile" => {
            let saved = update_profile(&state, &request, &form, &messages).await;
            let language = Locale::parse(&form.language).unwrap_or(request.page.locale);
            if language != request.page.locale && matches!(&saved, Ok(outcome) if outcome.is_done())
            {
                return Redirect::to(&format!("/{language}/account")).into_response();
            }
            saved
        }
        "password" => match change_password(&state, &request, &form, address, &messages).await {
            Ok(Ok(account)) => {
                // All sessions have ended, this one begins again.
                if let Err(cause) = portal::log_in(&session, &account, client).await {
                    return SignInError::from(cause).page(&state, request.page).await;
                }
                let text = messages.get("account-password-changed");
                Ok(AccountOutcome::done(text))
            }
            Ok(Err(outcome)) => Ok(outcome),
            Err(error) => Err(error),
        },
        "end-session" => end_session(&state, &request, &form, &messages).await,
        "end-others" => end_others(&state, &request, &session, &messages).await,
        "delete" => match delete(&state, &request, &form, (address, &headers), &messages).await {
            Ok(None) => {
                return match portal::log_out(&session).await {
                    Ok(()) => {
                        member_sandbox::try_delete_left_sandboxes(&state).await;
                        let home = format!("/{}", request.page.locale);
                        let mut response = Redirect::to(&home).into_response();
                        member_sandbox::forget(&state, &mut response);
                        response
                    }
                    Err(cause) => notice::unavailable(&state, request.page, &cause).await,
                };
            }
            Ok(Some(outcome)) => Ok(outcome),
            Err(error) => Err(error),
        },
        _ => Ok(AccountOutcome::refused(messages.get("login-unreadable"))),
    };
    match result {
        Ok(outcome) => account_page(&state, request, &session, outcome).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Handles `GET /{lang}/account/data.json`: everything that is stored about the account.
pub(super) async fn data(State(state): State<AppState>, request: MemberRequest) -> Response {
    let portal = &state.portal;
    let data = match portal.export_member(request.viewer.account).await {
        Ok(Some(data)) => data,
        Ok(None) => {
            return notice::show(&state, request.page, StatusCode::NOT_FOUND, "not-found").await;
        }
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let email = data["email"].as_str().unwrap_or_default();
    portal
        .record_audit(&request.actor, AuditAction::Export, email)
        .await;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"account.json\""),
        ),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, format!("{data:#}\n")).into_response()
}

async fn update_profile(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    messages: &MessageCatalog,
) -> Result<AccountOutcome, StoreError> {
    let Some(name) = DisplayName::parse(&form.name) else {
        return Ok(AccountOutcome::problem(
            "name",
            messages.get("join-name-invalid"),
        ));
    };
    let Some(language) = Locale::parse(&form.language) else {
        return Ok(AccountOutcome::refused(messages.get("login-unreadable")));
    };
    let (id, now) = (request.viewer.account, state.portal.clock.now());
    state
        .portal
        .store
        .update_profile(id, &name, language, now)
        .await?;
    Ok(AccountOutcome::done(messages.get("account-saved")))
}

/// Changes the password. Returns the account as it is then, or what was refused.
async fn change_password(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    address: Option<ClientAddress>,
    messages: &MessageCatalog,
) -> Result<Result<Account, AccountOutcome>, StoreError> {
    let password = match Password::parse(&form.password) {
        Ok(password) => password,
        Err(error) => {
            return Ok(Err(AccountOutcome::problem(
                "password",
                password_problem(error, messages),
            )));
        }
    };
    let Some(account) = state
        .portal
        .store
        .find_account(request.viewer.account)
        .await?
    else {
        let text = messages.get("account-unavailable");
        return Ok(Err(AccountOutcome::refused(text)));
    };
    let network = address.map(ClientAddress::network);
    let current = form.current.clone();
    let portal = &state.portal;
    let changed = portal.change_password(&account, current, password, network, &request.actor);
    match changed.await {
        Ok(account) => Ok(Ok(account)),
        Err(PeopleError::Authentication(error)) => authentication_problem(error, messages).map(Err),
        Err(PeopleError::Store(error)) => Err(error),
        Err(error) => {
            tracing::error!(cause = %error, "a password could not be changed");
            Ok(Err(AccountOutcome::refused(messages.get("login-busy"))))
        }
    }
}

/// Returns what to say about a current password that was not accepted.
fn authentication_problem(
    error: AuthenticationError,
    messages: &MessageCatalog,
) -> Result<AccountOutcome, StoreError> {
    let text = current_password_problem(error, messages);
    Ok(AccountOutcome::problem("current", text))
}

/// Returns why a current password was not accepted.
pub(super) fn current_password_problem(
    error: AuthenticationError,
    messages: &MessageCatalog,
) -> String {
    match error {
        AuthenticationError::WrongCredentials | AuthenticationError::Disabled => {
            messages.get("account-current-wrong")
        }
        AuthenticationError::Throttled { seconds } => {
            messages.with("login-throttled", &[("seconds", &seconds.to_string())])
        }
        AuthenticationError::Busy => messages.get("login-busy"),
        AuthenticationError::Failed(cause) => {
            tracing::error!(%cause, "a password cannot be checked");
            messages.get("account-unavailable")
        }
    }
}

/// Returns the field for the current password.
pub(super) fn current_password(messages: &MessageCatalog, problem: Option<String>) -> Field {
    Field {
        name: "current",
        kind: "password",
        label: messages.get("current-password"),
        autocomplete: "current-password",
        problem,
        ..Field::default()
    }
}

async fn end_session(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    messages: &MessageCatalog,
) -> Result<AccountOutcome, StoreError> {
    let ended = match parse_hash(&form.session) {
        Some(hash) => {
            state
                .portal
                .store
                .end_session(request.viewer.account, hash)
                .await?
        }
        None => false,
    };
    Ok(match ended {
        true => AccountOutcome::done(messages.get("account-session-ended")),
        false => AccountOutcome::refused(messages.get("account-session-unknown")),
    })
}

async fn end_others(
    state: &AppState,
    request: &MemberRequest,
    session: &Session,
    messages: &MessageCatalog,
) -> Result<AccountOutcome, StoreError> {
    let Some(own) = portal::session_id_hash(session) else {
        return Ok(AccountOutcome::refused(
            messages.get("account-session-unknown"),
        ));
    };
    let store = &state.portal.store;
    let count = store
        .end_other_sessions(request.viewer.account, own)
        .await?;
    let text = messages.with("account-others-ended", &[("count", &count.to_string())]);
    Ok(AccountOutcome::done(text))
}

/// Deletes the account. Returns `None` when it is deleted, otherwise what to say.
async fn delete(
    state: &AppState,
    request: &MemberRequest,
    form: &OwnAccountForm,
    (address, headers): (Option<ClientAddress>, &HeaderMap),
    messages: &MessageCatalog,
) -> Result<Option<AccountOutcome>, StoreError> {
    let portal = &state.portal;
    let Some(account) = portal.store.find_account(request.viewer.account).await? else {
        return Ok(None);
    };
    let network = address.map(ClientAddress::network);
    let current = form.current.clone();
    let has_password = portal.store.find_password_hash(account.id).await?.is_some();
    let checked = match has_password {
        true => {
            let checked =
                portal.authenticate(account.email.as_str(), current, network, &request.actor);
            checked.await.map(drop)
        }
        // Who logs in with the identity provider has nothing to type.
        false => Ok(()),
    };
    if let Err(error) = checked {
        let outcome = authentication_problem(error, messages)?;
        let text = outcome.problem.map(|(_, text)| text).unwrap_or_default();
        return Ok(Some(AccountOutcome::problem("delete", text)));
    }
    member_sandbox::leave(state, headers, account.id).await?;
    let now = portal.clock.now();
    let deleted = portal
        .store
        .change_member(account.id, MemberChange::Delete, &request.actor, now);
    match deleted.await {
        Ok(_) | Err(MemberError::NotFound) => Ok(None),
        Err(MemberError::LastAdmin) => {
            let text = messages.get("member-last-admin");
            Ok(Some(AccountOutcome::problem("delete", text)))
        }
        Err(MemberError::Store(error)) => Err(error),
    }
}

/// Parses the hash of the id of a session, as the form contains it.
fn parse_hash(text: &str) -> Option<SessionIdHash> {
    let digits = text.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.map(byte).collect();
    bytes?.try_into().ok()
}

async fn account_page(
    state: &AppState,
    request: MemberRequest,
    session: &Session,
    outcome: AccountOutcome,
) -> Response {
    let (id, now) = (request.viewer.account, state.portal.clock.now());
    let store = &state.portal.store;
    let account = match store.find_account(id).await {
        Ok(Some(account)) => account,
        // Deleted since the session was read.
        Ok(None) => return Redirect::to(&format!("/{}", request.page.locale)).into_response(),
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let sessions = match store.list_sessions(id, now).await {
        Ok(sessions) => sessions,
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let has_password = match store.find_password_hash(id).await {
        Ok(hash) => hash.is_some(),
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let ways = async {
        Ok::<_, StoreError>(LoginWays {
            has_second_factor: store.has_second_factor(id).await?,
            passkeys: store.list_passkeys(id).await?.len(),
            can_have_passkeys: passkey::site(state).is_some(),
        })
    };
    let ways = match ways.await {
        Ok(ways) => ways,
        Err(cause) => return notice::unavailable(state, request.page, &cause).await,
    };
    let own = portal::session_id_hash(session);
    let PageRequest { locale, viewer } = request.page;
    // The header shows the name as it is now.
    let viewer = viewer.map(|viewer| portal::Viewer {
        name: account.name.clone(),
        ..viewer
    });
    let page_request = PageRequest { locale, viewer };
    let messages = state.i18n.messages(locale).clone();
    let title = messages.get("account-title");
    let is_refused = outcome.problem.is_some() || matches!(outcome.message, Some((false, _)));
    let meta = PageMeta {
        has_navigation: false,
        is_indexed: false,
        styles: &[StyleSheet::Portal],
        status: if is_refused {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        },
        ..PageMeta::new(page_request, title, "/account")
    };
    let locales = state.locales();
    let settings = state.portal.settings.get();
    let days = settings.attempt_days.to_string();
    let learning = messages.with("account-privacy-learning", &[("days", &days)]);
    let (audit, address) = (
        settings.audit_days.to_string(),
        settings.address_days.to_string(),
    );
    let days = [("audit", audit.as_str()), ("address", address.as_str())];
    let privacy = [messages.with("account-privacy-text", &days), learning];
    let delete_key = match has_password {
        true => "account-delete-text",
        false => "account-delete-text-provider",
    };
    let delete_text = messages.with(delete_key, &[("days", audit.as_str())]);
    let view = move || {
        let sessions = (sessions.as_slice(), own);
        let texts = (privacy.clone(), delete_text.clone());
        let account = (&account, has_password, ways);
        content(
            locale, &locales, account, sessions, texts, &outcome, &messages,
        )
    };
    render(state, meta, view).await
}

fn content(
    locale: Locale,
    locales: &[Locale],
    (account, has_password, ways): (&Account, bool, LoginWays),
    (sessions, own): (&[OwnSession], Option<SessionIdHash>),
    (privacy, delete_text): ([String; 2], String),
    outcome: &AccountOutcome,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}/account");
    let languages = locales.iter().map(|one| {
        view! { <option value=one.as_str() selected=*one == account.language>{one.name()}</option> }
    });
    let languages = languages.collect_view();
    let role = messages.get(&format!("role-{}", account.role));
    let lead = messages.with(
        "account-lead",
        &[("email", account.email.as_str()), ("role", &role)],
    );
    // Who logs in with the identity provider has no password.
    let password_form = has_password.then(|| {
        view! {
            <form class="portal-form" method="post" action=action.clone()>
                <h2>{messages.get("account-password")}</h2>
                {field(current_password(messages, outcome.problem_of("current")))}
                {field(new_password(messages, outcome.problem_of("password")))}
                <p class="portal-wide"><button class="button primary" name="do" value="password">{messages.get("account-password-change")}</button></p>
            </form>
        }
    });
    let delete_field = match has_password {
        true => {
            let field = delete_field(messages, outcome.problem_of("delete"));
            field.into_any()
        }
        false => {
            let problem = outcome.problem_of("delete");
            let problem =
                problem.map(|text| view! { <p class="field-error" role="alert">{text}</p> });
            problem.into_any()
        }
    };
    let name = Field {
        name: "name",
        kind: "text",
        label: messages.get("join-name"),
        autocomplete: "name",
        value: account.name.as_str().to_owned(),
        problem: outcome.problem_of("name"),
        ..Field::default()
    };
    let rows = sessions
        .iter()
        .map(|session| session_row(&action, session, own == Some(session.id_hash), messages));
    let rows = rows.collect_view();
    let others = (sessions.len() > 1).then(|| {
        view! {
            <form method="post" action=action.clone()>
                <button class="button" name="do" value="end-others">{messages.get("account-end-others")}</button>
            </form>
        }
    });
    view! {
        <main id="content" class="portal-page" tabindex="-1">
            <h1>{messages.get("account-title")}</h1>
            <p class="lead">{lead}</p>
            {outcome_view(outcome.message.clone())}
            <form class="portal-form" method="post" action=action.clone()>
                <h2>{messages.get("account-profile")}</h2>
                {field(name)}
                <p class="field">
                    <label for="language">{messages.get("language")}</label>
                    <select id="language" name="language">{languages}</select>
                </p>
                <p class="portal-wide"><button class="button primary" name="do" value="profile">{messages.get("account-save")}</button></p>
            </form>
            {password_form}
            {signing_in(&action, ways, messages)}
            <section class="portal-section">
                <h2>{messages.get("account-sessions")}</h2>
                <ul class="portal-sessions">{rows}</ul>
                {others}
            </section>
            <section class="portal-section">
                <h2>{messages.get("account-privacy")}</h2>
                {privacy.map(|text| view! { <p>{text}</p> })}
                <p><a class="button" href=format!("{action}/data.json") download="">{messages.get("account-data")}</a></p>
            </section>
            <details class="portal-section portal-danger" open=outcome.problem_of("delete").is_some()>
                <summary>{messages.get("account-delete")}</summary>
                <form class="portal-form" method="post" action=action>
                    <p class="portal-wide">{delete_text}</p>
                    {delete_field}
                    <p class="portal-wide"><button class="button" name="do" value="delete">{messages.get("account-delete-really")}</button></p>
                </form>
            </details>
        </main>
    }
}

/// The ways in which a member logs in.
#[derive(Clone, Copy)]
struct LoginWays {
    has_second_factor: bool,
    /// The number of passkeys.
    passkeys: usize,
    /// Whether browsers make passkeys for the address of the site.
    can_have_passkeys: bool,
}

/// Renders the links to the pages about the ways to log in.
fn signing_in(action: &str, ways: LoginWays, messages: &MessageCatalog) -> impl IntoView + use<> {
    let factor = messages.get(match ways.has_second_factor {
        true => "account-second-factor-on",
        false => "account-second-factor-off",
    });
    // Those of another address of the site can still be removed.
    let has_passkeys = ways.can_have_passkeys || ways.passkeys > 0;
    let passkeys = match has_passkeys {
        true => {
            let count = ways.passkeys.to_string();
            messages.with("account-passkeys-count", &[("count", &count)])
        }
        false => messages.get("passkeys-no-host"),
    };
    let state = format!("{factor} {passkeys}");
    let pages = ["passkeys", "second-factor", "email"].into_iter();
    let pages = pages.filter(|page| has_passkeys || *page != "passkeys");
    let links = pages.map(|page| {
        let text = messages.get(&format!("account-{page}"));
        view! { <a class="button" href=format!("{action}/{page}")>{text}</a> }
    });
    view! {
        <section class="portal-section">
            <h2>{messages.get("account-signing-in")}</h2>
            <p>{state}</p>
            <p class="card-buttons">{links.collect_view()}</p>
        </section>
    }
}

/// Renders the field for the password with which a deletion is confirmed; its id differs from that of the password form.
fn delete_field(messages: &MessageCatalog, problem: Option<String>) -> impl IntoView + use<> {
    let invalid = problem.is_some().then_some("true");
    let described_by = problem.is_some().then_some("delete-problem");
    let problem = problem.map(
        |text| view! { <span class="field-error" id="delete-problem" role="alert">{text}</span> },
    );
    view! {
        <p class="field">
            <label for="delete-password">{messages.get("current-password")}</label>
            <input id="delete-password" name="current" type="password" autocomplete="current-password" required
                aria-invalid=invalid aria-describedby=described_by/>
            {problem}
        </p>
    }
}

fn session_row(
    action: &str,
    session: &OwnSession,
    is_own: bool,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let agent = session
        .agent
        .as_deref()
        .map_or_else(|| messages.get("account-device"), device);
    let hash: String = session
        .id_hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let end = match is_own {
        true => view! { <span class="portal-badge">{messages.get("account-session-own")}</span> }.into_any(),
        false => view! {
            <form method="post" action=action.to_owned()>
                <input type="hidden" name="session" value=hash/>
                <button class="link-button" name="do" value="end-session">{messages.get("account-session-end")}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <li>
            <div>
                <strong>{agent}</strong>
                <p class="quiet">{session.address.clone().unwrap_or_default()}" · "{messages.get("account-seen")}" "{time(session.seen)}</p>
            </div>
            {end}
        </li>
    }
}

/// Returns the browser and the system that a `User-Agent` field names, or its beginning.
fn device(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(part, _)| agent.contains(part));
        found.map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_is_named_by_browser_and_system() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            ("curl/8.14.1", "curl"),
            ("something else", "something else"),
        ] {
            assert_eq!(device(agent), name);
        }
    }

    #[test]
    fn hash_in_a_form_is_read_back() {
        let hash: SessionIdHash = std::array::from_fn(|at| at as u8 * 7);
        let text: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(parse_hash(&text), Some(hash));
        for wrong in ["", "00", "zz", &"0".repeat(66)] {
            assert_eq!(parse_hash(wrong), None, "{wrong}");
        }
    }
}
