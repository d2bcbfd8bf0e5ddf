//! `/{lang}/admin/settings`: what admins change while the site runs, and what the configuration has fixed.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use serde::Deserialize;

use crate::model::account::DisplayName;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::{outcome_view, page_with_status};
use crate::pages::form_field::{Field, field};
use crate::pages::meta::PageRequest;
use crate::pages::notice;
use crate::pages::signed_in::AdminRequest;
use crate::portal::{Registration, Settings};
use crate::state::AppState;

/// The fewest and the most days for which something is kept.
const DAYS: std::ops::RangeInclusive<i64> = 1..=3650;
/// The most domains with which anybody can register.
const DOMAINS: usize = 50;

/// The form, as it is sent and shown again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SettingsForm {
    title: String,
    /// Not empty when the box is checked.
    members_only: String,
    registration: String,
    registration_domains: String,
    /// Not empty when the box is checked.
    require_admin_totp: String,
    attempt_days: String,
    audit_days: String,
    address_days: String,
}

impl SettingsForm {
    fn of(settings: &Settings) -> SettingsForm {
        let checked = |is_set: bool| if is_set { "on" } else { "" }.to_owned();
        SettingsForm {
            title: settings.title.clone(),
            members_only: checked(settings.members_only),
            registration: settings.registration.as_str().to_owned(),
            registration_domains: settings.registration_domains.join(", "),
            require_admin_totp: checked(settings.require_admin_totp),
            attempt_days: settings.attempt_days.to_string(),
            audit_days: settings.audit_days.to_string(),
            address_days: settings.address_days.to_string(),
        }
    }

    /// Returns the settings, or the fields that are not valid, each with the key of a message.
    fn parse(&self, sends_mail: bool) -> Result<Settings, Vec<(&'static str, &'static str)>> {
        let mut problems = Vec::new();
        let title = self.title.trim();
        if !title.is_empty() && DisplayName::parse(title).is_none() {
            problems.push(("title", "setting-title-invalid"));
        }
        let registration = Registration::parse(&self.registration).unwrap_or_default();
        let domains = self
            .registration_domains
            .split([',', ' ', '\n', '\r'])
            .map(|domain| domain.trim().trim_start_matches('@').to_lowercase())
            .filter(|domain| !domain.is_empty());
        let domains: Vec<String> = domains.collect();
        if domains.len() > DOMAINS || !domains.iter().all(|domain| is_domain(domain)) {
            problems.push(("registration_domains", "setting-domains-invalid"));
        } else if registration == Registration::Domains && domains.is_empty() {
            problems.push(("registration_domains", "setting-domains-missing"));
        } else if registration == Registration::Domains && !sends_mail {
            problems.push(("registration", "setting-domains-need-mail"));
        }
        let mut days = |name, text: &str| {
            let days = text.trim().parse().ok().filter(|days| DAYS.contains(days));
            days.unwrap_or_else(|| {
                problems.push((name, "setting-days-invalid"));
                0
            })
        };
        let settings = Settings {
            title: title.to_owned(),
            members_only: !self.members_only.is_empty(),
            registration,
            registration_domains: domains,
            require_admin_totp: !self.require_admin_totp.is_empty(),
            attempt_days: days("attempt_days", &self.attempt_days),
            audit_days: days("audit_days", &self.audit_days),
            address_days: days("address_days", &self.address_days),
        };
        match problems.is_empty() {
            true => Ok(settings),
            false => Err(problems),
        }
    }
}

/// Returns whether a text in lower case can be the domain of an email address.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

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
    settings_page(&state, request.page, form, Vec::new(), message).await
}

/// Handles `POST /{lang}/admin/settings`.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    form: Result<Form<SettingsForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale);
    let Ok(Form(form)) = form else {
        let message = Some((false, messages.get("login-unreadable")));
        let form = SettingsForm::of(&state.portal.settings.get());
        return settings_page(&state, request.page, form, Vec::new(), message).await;
    };
    let settings = match form.parse(state.mailer.is_some()) {
        Ok(settings) => settings,
        Err(problems) => {
            let message = Some((false, messages.get("setting-refused")));
            return settings_page(&state, request.page, form, problems, message).await;
        }
    };
    match state
        .portal
        .change_settings(&settings, &request.actor)
        .await
    {
        Ok(count) => {
            let done = if count > 0 { "saved" } else { "same" };
            let locale = request.page.locale;
            Redirect::to(&format!("/{locale}/admin/settings?done={done}")).into_response()
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

async fn settings_page(
    state: &AppState,
    page_request: PageRequest,
    form: SettingsForm,
    problems: Vec<(&'static str, &'static str)>,
    message: Option<(bool, String)>,
) -> Response {
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = match problems.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let shared = state.clone();
    let view = move || {
        view! {
            {outcome_view(message.clone())}
            {form_view(&shared, locale, &form, &problems, &messages)}
            {fixed_view(&shared, &messages)}
        }
    };
    page_with_status(state, page_request, "settings", status, view).await
}

fn form_view(
    state: &AppState,
    locale: Locale,
    form: &SettingsForm,
    problems: &[(&'static str, &'static str)],
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
            <p class="portal-wide"><button class="button primary">{messages.get("setting-save")}</button></p>
        </form>
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
    let database = match config.portal_url().starts_with("postgres") {
        true => "PostgreSQL".to_owned(),
        false => format!("SQLite, {}", config.data.display()),
    };
    let languages = state.library.site.locales.iter();
    let languages: Vec<&str> = languages.map(|locale| locale.as_str()).collect();
    let content = match &config.content {
        Some(folder) => folder.display().to_string(),
        None => messages.get("setting-built-in"),
    };
    let limits = &config.limits;
    let rows = [
        ("setting-origin", config.origin()),
        ("setting-database", database),
        ("setting-content", content),
        ("setting-languages", languages.join(", ")),
        ("setting-limit-users", limits.users.to_string()),
        ("setting-limit-sandboxes", limits.sandboxes.to_string()),
        (
            "setting-limit-requests",
            limits.requests_per_minute.to_string(),
        ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_of_settings_is_parsed_to_equal_settings() {
        let settings = Settings {
            title: "우리 팀".to_owned(),
            members_only: true,
            registration: Registration::Domains,
            registration_domains: vec!["example.com".to_owned(), "example.org".to_owned()],
            require_admin_totp: true,
            attempt_days: 30,
            audit_days: 60,
            address_days: 7,
        };
        assert_eq!(SettingsForm::of(&settings).parse(true), Ok(settings));
    }

    #[test]
    fn problems_name_their_fields() {
        let valid = SettingsForm::of(&Settings::default());
        let problems = |form: SettingsForm, sends_mail| form.parse(sends_mail).err();
        assert_eq!(problems(valid.clone(), false), None);
        let domains = |domains: &str| SettingsForm {
            registration: "domains".to_owned(),
            registration_domains: domains.to_owned(),
            ..valid.clone()
        };
        let missing = vec![("registration_domains", "setting-domains-missing")];
        assert_eq!(problems(domains(" ,"), true), Some(missing));
        for wrong in ["example", "exa mple.c", "a..b", "<b>.com", "-@x.org/"] {
            let invalid = vec![("registration_domains", "setting-domains-invalid")];
            assert_eq!(problems(domains(wrong), true), Some(invalid), "{wrong}");
        }
        let no_mail = vec![("registration", "setting-domains-need-mail")];
        assert_eq!(problems(domains("example.com"), false), Some(no_mail));
        assert_eq!(problems(domains("@Example.com"), true), None);
        let days = SettingsForm {
            audit_days: "0".to_owned(),
            attempt_days: "x".to_owned(),
            title: "a\u{0}".to_owned(),
            ..valid
        };
        let expected = vec![
            ("title", "setting-title-invalid"),
            ("attempt_days", "setting-days-invalid"),
            ("audit_days", "setting-days-invalid"),
        ];
        assert_eq!(problems(days, true), Some(expected));
    }
}
