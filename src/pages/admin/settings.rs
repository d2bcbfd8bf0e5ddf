//! `/{lang}/admin/settings`: what admins change while the site runs, and what the configuration has fixed.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;

use crate::model::limits::LimitKey;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::logo_form::{logo_form, logo_removal_question};
use crate::pages::admin::settings_form::{FieldProblem, FormRules, SettingsForm, locale_name};
use crate::pages::admin::{outcome_view, page_with_status};
use crate::pages::form_field::{Field, field};
use crate::pages::meta::PageRequest;
use crate::pages::notice;
use crate::pages::signed_in::AdminRequest;
use crate::portal::Registration;
use crate::state::AppState;

/// Handles `GET /{lang}/admin/settings`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let form = SettingsForm::of(&state.portal.settings.get());
    let messages = state.i18n.messages(request.page.locale);
    let message = match query.as_deref() {
        Some("done=saved") => Some((true, messages.get("setting-saved"))),
        Some("done=same") => Some((true, messages.get("setting-same"))),
        _ => None,
    };
    let outcome = SettingsOutcome {
        message,
        ..SettingsOutcome::default()
    };
    settings_page(&state, request.page, form, outcome).await
}

/// Handles `POST /{lang}/admin/settings`.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    form: Result<Form<SettingsForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale);
    // The logo and fixed settings are not in the form: what is stored now is kept.
    if let Err(cause) = state.portal.reload_settings().await {
        return notice::unavailable(&state, request.page, &cause).await;
    }
    let current = state.portal.settings.get();
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) => {
            let outcome = SettingsOutcome {
                status: Some(rejection.status()),
                message: Some((false, messages.get("login-unreadable"))),
                ..SettingsOutcome::default()
            };
            let form = SettingsForm::of(&current);
            return settings_page(&state, request.page, form, outcome).await;
        }
    };
    let settings = match form.parse(&current, &FormRules::of(&state)) {
        Ok(settings) => settings,
        Err(problems) => {
            let outcome = SettingsOutcome {
                status: Some(StatusCode::UNPROCESSABLE_ENTITY),
                message: Some((false, messages.get("setting-refused"))),
                problems,
                ..SettingsOutcome::default()
            };
            return settings_page(&state, request.page, form, outcome).await;
        }
    };
    match state
        .portal
        .change_settings(&settings, &request.actor)
        .await
    {
        Ok(count) => {
            let done = if count > 0 { "saved" } else { "same" };
            // The language of the page may have been switched off.
            let locale = state.offered_locale(request.page.locale);
            Redirect::to(&format!("/{locale}/admin/settings?done={done}")).into_response()
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Renders the page with the settings as they are, after a logo was refused.
pub(super) async fn refused_logo(
    state: &AppState,
    page_request: PageRequest,
    status: StatusCode,
    problem: String,
) -> Response {
    let form = SettingsForm::of(&state.portal.settings.get());
    let messages = state.i18n.messages(page_request.locale);
    let outcome = SettingsOutcome {
        status: Some(status),
        message: Some((false, messages.get("setting-refused"))),
        logo_problem: Some(problem),
        ..SettingsOutcome::default()
    };
    settings_page(state, page_request, form, outcome).await
}

/// Renders the page with the question before the logo is removed.
pub(super) async fn ask_logo_removal(state: &AppState, page_request: PageRequest) -> Response {
    let form = SettingsForm::of(&state.portal.settings.get());
    let outcome = SettingsOutcome {
        asks_logo_removal: true,
        ..SettingsOutcome::default()
    };
    settings_page(state, page_request, form, outcome).await
}

/// What is shown beside the settings after something was done or refused.
#[derive(Clone, Default)]
struct SettingsOutcome {
    /// The status, unless it is 200.
    status: Option<StatusCode>,
    message: Option<(bool, String)>,
    problems: Vec<FieldProblem>,
    logo_problem: Option<String>,
    /// Whether the removal of the logo is asked.
    asks_logo_removal: bool,
}

async fn settings_page(
    state: &AppState,
    page_request: PageRequest,
    form: SettingsForm,
    outcome: SettingsOutcome,
) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = outcome.status.unwrap_or(StatusCode::OK);
    let shared = state.clone();
    let view = move || {
        let SettingsOutcome {
            message,
            problems,
            logo_problem,
            asks_logo_removal,
            ..
        } = outcome.clone();
        let question = asks_logo_removal.then(|| logo_removal_question(locale, &messages));
        view! {
            {outcome_view(message)}
            {question}
            {form_view(&shared, locale, &form, &problems, &messages)}
            {logo_form(&shared, locale, logo_problem, &messages)}
            {fixed_view(&shared, &messages)}
        }
    };
    page_with_status(state, page_request, "settings", status, view).await
}

fn form_view(
    state: &AppState,
    locale: Locale,
    form: &SettingsForm,
    problems: &[FieldProblem],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let problem = |name: &str| {
        let found = problems.iter().find(|(field, _)| *field == name);
        found.map(|(_, key)| messages.get(key))
    };
    let text = |name: &'static str, label: &str, value: &str, note: Option<String>| {
        field(Field {
            name,
            kind: "text",
            label: messages.get(label),
            autocomplete: "off",
            value: value.to_owned(),
            note,
            problem: problem(name),
            is_optional: true,
            ..Field::default()
        })
    };
    let title_note = messages.with(
        "setting-title-note",
        &[("title", &state.library.site.title)],
    );
    let members_only = match state.config.members_only {
        Some(is_set) => fixed("setting-members-fixed", is_set, messages).into_any(),
        None => checkbox(
            "members_only",
            !form.members_only.is_empty(),
            messages.get("setting-members-only"),
            messages.get("setting-members-only-note"),
        )
        .into_any(),
    };
    let kinds = Registration::ALL.map(|kind| {
        let name = kind.as_str();
        let is_chosen = form.registration == name;
        let label = messages.get(&format!("setting-registration-{name}"));
        view! { <label class="choice"><input type="radio" name="registration" value=name checked=is_chosen/>" "{label}</label> }
    });
    let registration_problem = problem("registration")
        .map(|text| view! { <span class="field-error" role="alert">{text}</span> });
    let totp = match state.config.require_admin_totp {
        Some(is_set) => fixed("setting-totp-fixed", is_set, messages).into_any(),
        None => checkbox(
            "require_admin_totp",
            !form.require_admin_totp.is_empty(),
            messages.get("setting-totp"),
            messages.get("setting-totp-note"),
        )
        .into_any(),
    };
    view! {
        <form class="portal-form" method="post" action=format!("/{locale}/admin/settings")>
            <h2>{messages.get("setting-site")}</h2>
            <div class="portal-wide">{text("title", "setting-title", &form.title, Some(title_note))}</div>
            {locales_view(state, form, &problem, messages)}
            {members_only}
            <h2>{messages.get("setting-people")}</h2>
            <fieldset class="portal-wide choices">
                <legend>{messages.get("setting-registration")}</legend>
                {kinds.collect_view()}
                {registration_problem}
            </fieldset>
            <div class="portal-wide">{text("registration_domains", "setting-domains", &form.registration_domains, Some(messages.get("setting-domains-note")))}</div>
            {totp}
            <h2>{messages.get("setting-privacy")}</h2>
            {text("attempt_days", "setting-attempt-days", &form.attempt_days, None)}
            {text("audit_days", "setting-audit-days", &form.audit_days, None)}
            {text("address_days", "setting-address-days", &form.address_days, Some(messages.get("setting-address-note")))}
            {limits_view(state, form, &problem, messages)}
            <p class="portal-wide"><button class="button primary">{messages.get("setting-save")}</button></p>
        </form>
    }
}

/// Renders the boxes of the languages of the content and the choice of the default one, if there are several.
fn locales_view(
    state: &AppState,
    form: &SettingsForm,
    problem: &dyn Fn(&str) -> Option<String>,
    messages: &MessageCatalog,
) -> Option<impl IntoView + use<>> {
    let site = &state.library.site;
    if site.locales.len() < 2 {
        return None;
    }
    let boxes: Vec<_> = site
        .locales
        .iter()
        .map(|locale| {
            let name = locale_name(*locale);
            let is_offered = !form.other(&name).is_empty();
            view! { <label class="choice"><input type="checkbox" name=name checked=is_offered/>" "<span lang=locale.as_str()>{locale.name()}</span></label> }
        })
        .collect();
    let options: Vec<_> = site
        .locales
        .iter()
        .map(|locale| {
            let is_chosen = form.default_locale == locale.as_str();
            view! { <option value=locale.as_str() selected=is_chosen lang=locale.as_str()>{locale.name()}</option> }
        })
        .collect();
    let of_content = [("language", site.default_locale.name())];
    let of_content = messages.with("setting-language-content", &of_content);
    let error = |text: Option<String>| {
        text.map(|text| view! { <span class="field-error" role="alert">{text}</span> })
    };
    Some(view! {
        <fieldset class="portal-wide choices">
            <legend>{messages.get("setting-languages")}</legend>
            {boxes}
            <span class="field-note">{messages.get("setting-languages-note")}</span>
            {error(problem("locales"))}
        </fieldset>
        <p class="field">
            <label for="default_locale">{messages.get("setting-language-default")}</label>
            <select id="default_locale" name="default_locale"><option value="">{of_content}</option>{options}</select>
            {error(problem("default_locale"))}
        </p>
    })
}

/// Renders the limits: those that the configuration has fixed as texts, the others as fields with their ranges.
fn limits_view(
    state: &AppState,
    form: &SettingsForm,
    problem: &dyn Fn(&str) -> Option<String>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let fields = LimitKey::ALL.map(|key| {
        let name = key.as_str();
        let label = messages.get(&format!("setting-{}", name.replace('_', "-")));
        let configured = key.of(&state.config.limits).to_string();
        if state.config.fixed_limits.contains(&key) {
            let variables = [("label", label.as_str()), ("value", configured.as_str())];
            let text = messages.with("setting-limit-fixed", &variables);
            return view! { <p class="portal-wide quiet">{text}</p> }.into_any();
        }
        let range = key.range();
        let (low, high) = (range.start().to_string(), range.end().to_string());
        let variables = [
            ("low", low.as_str()),
            ("high", high.as_str()),
            ("value", configured.as_str()),
        ];
        field(Field {
            name,
            kind: "text",
            label,
            autocomplete: "off",
            value: form.other(name).to_owned(),
            note: Some(messages.with("setting-limit-note", &variables)),
            problem: problem(name).map(|_| messages.with("setting-limit-invalid", &variables)),
            is_optional: true,
            ..Field::default()
        })
        .into_any()
    });
    view! {
        <h2>{messages.get("setting-limits")}</h2>
        <p class="portal-wide quiet">{messages.get("setting-limits-note")}</p>
        {fields.into_iter().collect_view()}
    }
}

/// Renders a setting that the configuration has set, with the message `KEY-on` or `KEY-off`.
fn fixed(key: &str, is_set: bool, messages: &MessageCatalog) -> impl IntoView + use<> {
    let state = if is_set { "on" } else { "off" };
    view! { <p class="portal-wide quiet">{messages.get(&format!("{key}-{state}"))}</p> }
}

fn checkbox(name: &'static str, is_checked: bool, label: String, note: String) -> impl IntoView {
    let note_id = format!("{name}-note");
    view! {
        <p class="portal-wide portal-check">
            <label class="choice"><input type="checkbox" name=name checked=is_checked aria-describedby=note_id.clone()/>" "{label}</label>
            <span class="field-note" id=note_id>{note}</span>
        </p>
    }
}

/// Renders what the configuration file, the environment and flags have set. The URLs of databases can contain passwords, so only
/// their kind is shown.
fn fixed_view(state: &AppState, messages: &MessageCatalog) -> impl IntoView + use<> {
    let config = &state.config;
    let database = match config.portal_file() {
        None => "PostgreSQL".to_owned(),
        Some(file) => format!("SQLite, {}", file.display()),
    };
    let content = match &config.content {
        Some(folder) => folder.display().to_string(),
        None => messages.get("setting-built-in"),
    };
    let none = || messages.get("setting-none");
    let proxies: Vec<String> = config
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    let proxies = Some(proxies.join(", ")).filter(|proxies| !proxies.is_empty());
    let smtp = config.smtp.as_ref().map(|smtp| smtp.from.clone());
    let provider = config.oidc.as_ref();
    let provider = provider.map(|oidc| format!("{}, {}", oidc.name, oidc.issuer));
    let limits = &config.limits;
    let rows = [
        ("setting-origin", config.origin()),
        ("setting-listen", config.listen.to_string()),
        ("setting-proxies", proxies.unwrap_or_else(none)),
        ("setting-smtp", smtp.unwrap_or_else(none)),
        ("setting-provider", provider.unwrap_or_else(none)),
        ("setting-database", database),
        ("setting-content", content),
        ("setting-limit-users", limits.users.to_string()),
        ("setting-limit-sandboxes", limits.sandboxes.to_string()),
    ];
    let rows = rows.map(
        |(key, value)| view! { <tr><th scope="row">{messages.get(key)}</th><td>{value}</td></tr> },
    );
    view! {
        <section class="portal-section">
            <h2>{messages.get("setting-fixed")}</h2>
            <p class="quiet">{messages.get("setting-fixed-note")}</p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("setting-fixed")>
                <table class="portal-table"><tbody>{rows.collect_view()}</tbody></table>
            </div>
        </section>
    }
}
