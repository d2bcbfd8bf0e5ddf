//! `/{lang}/admin/settings`: what admins change while the site runs, and what the configuration has fixed.

use std::collections::BTreeMap;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;
use serde::Deserialize;

use crate::model::account::DisplayName;
use crate::model::limits::LimitKey;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::logo_form::logo_form;
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

/// A field that is not valid, with the key of a message.
type FieldProblem = (&'static str, &'static str);

/// The form, as it is sent and shown again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SettingsForm {
    title: String,
    /// The language for visitors whose preferred languages are not offered; empty for that of the content.
    default_locale: String,
    /// Not empty when the box is checked.
    members_only: String,
    registration: String,
    registration_domains: String,
    /// Not empty when the box is checked.
    require_admin_totp: String,
    attempt_days: String,
    audit_days: String,
    address_days: String,
    /// The boxes of the languages that are offered (`locale_en`), and the limits by their keys; empty for the configured one.
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

/// What decides whether the form is valid.
struct FormRules {
    sends_mail: bool,
    /// The languages of the content.
    locales: Vec<Locale>,
    /// The limits that the configuration has fixed.
    fixed_limits: Vec<LimitKey>,
    /// Whether the configuration says if the site is for members only.
    is_members_only_fixed: bool,
    /// Whether the configuration says if admins need a second factor.
    is_admin_totp_fixed: bool,
}

impl FormRules {
    fn of(state: &AppState) -> FormRules {
        FormRules {
            sends_mail: state.mailer.is_some(),
            locales: state.library.site.locales.clone(),
            fixed_limits: state.config.fixed_limits.clone(),
            is_members_only_fixed: state.config.members_only.is_some(),
            is_admin_totp_fixed: state.config.require_admin_totp.is_some(),
        }
    }
}

/// Returns the name of the box of a language.
fn locale_name(locale: Locale) -> String {
    format!("locale_{locale}")
}

impl SettingsForm {
    fn of(settings: &Settings) -> SettingsForm {
        let checked = |is_set: bool| if is_set { "on" } else { "" }.to_owned();
        let locales = Locale::ALL.into_iter().map(|locale| {
            let is_offered = !settings.hidden_locales.contains(&locale);
            (locale_name(locale), checked(is_offered))
        });
        let limits = LimitKey::ALL.into_iter().map(|key| {
            let value = settings.limit(key).map(|value| value.to_string());
            (key.as_str().to_owned(), value.unwrap_or_default())
        });
        let default_locale = settings.default_locale.map(|locale| locale.to_string());
        SettingsForm {
            title: settings.title.clone(),
            default_locale: default_locale.unwrap_or_default(),
            others: locales.chain(limits).collect(),
            members_only: checked(settings.members_only),
            registration: settings.registration.as_str().to_owned(),
            registration_domains: settings.registration_domains.join(", "),
            require_admin_totp: checked(settings.require_admin_totp),
            attempt_days: settings.attempt_days.to_string(),
            audit_days: settings.audit_days.to_string(),
            address_days: settings.address_days.to_string(),
        }
    }

    fn other(&self, name: &str) -> &str {
        self.others.get(name).map_or("", |value| value.trim())
    }

    /// Returns the settings, those of `current` that are not in the form among them, or the fields that are not valid, each
    /// with the key of a message.
    fn parse(&self, current: &Settings, rules: &FormRules) -> Result<Settings, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let sends_mail = rules.sends_mail;
        let title = self.title.trim();
        if !title.is_empty() && DisplayName::parse(title).is_none() {
            problems.push(("title", "setting-title-invalid"));
        }
        let registration = Registration::parse(&self.registration).unwrap_or_else(|| {
            problems.push(("registration", "setting-registration-unknown"));
            Registration::default()
        });
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
        let (hidden_locales, default_locale) =
            self.parse_locales(current, rules)
                .unwrap_or_else(|problem| {
                    problems.push(problem);
                    Default::default()
                });
        let [requests_per_minute, writes_per_minute, sandboxes_per_hour] =
            LimitKey::ALL.map(|key| {
                let limit = self.parse_limit(key, current, rules);
                limit.unwrap_or_else(|problem| {
                    problems.push(problem);
                    None
                })
            });
        let mut days = |name, text: &str| {
            let days = text.trim().parse().ok().filter(|days| DAYS.contains(days));
            days.unwrap_or_else(|| {
                problems.push((name, "setting-days-invalid"));
                0
            })
        };
        let settings = Settings {
            requests_per_minute,
            writes_per_minute,
            sandboxes_per_hour,
            hidden_locales,
            default_locale,
            logo: current.logo.clone(),
            title: title.to_owned(),
            members_only: match rules.is_members_only_fixed {
                true => current.members_only,
                false => !self.members_only.is_empty(),
            },
            registration,
            registration_domains: domains,
            require_admin_totp: match rules.is_admin_totp_fixed {
                true => current.require_admin_totp,
                false => !self.require_admin_totp.is_empty(),
            },
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

impl SettingsForm {
    /// Returns what is set of a limit: nothing for an empty field, and what was set before for a limit without a field.
    ///
    /// # Errors
    /// The field, with the key of a message.
    fn parse_limit(
        &self,
        key: LimitKey,
        current: &Settings,
        rules: &FormRules,
    ) -> Result<Option<u32>, FieldProblem> {
        let text = self.other(key.as_str());
        if rules.fixed_limits.contains(&key) {
            return Ok(current.limit(key));
        }
        if text.is_empty() {
            return Ok(None);
        }
        let value = text
            .parse()
            .ok()
            .filter(|value| key.range().contains(value));
        match value {
            Some(value) => Ok(Some(value)),
            None => Err((key.as_str(), "setting-limit-invalid")),
        }
    }

    /// Returns the languages that are switched off, and the one for visitors whose preferred languages are not offered.
    ///
    /// # Errors
    /// The field that is not valid, with the key of a message.
    fn parse_locales(
        &self,
        current: &Settings,
        rules: &FormRules,
    ) -> Result<(Vec<Locale>, Option<Locale>), FieldProblem> {
        // Of content in one language there is nothing to choose.
        if rules.locales.len() < 2 {
            return Ok((current.hidden_locales.clone(), current.default_locale));
        }
        let mut hidden = rules.locales.clone();
        hidden.retain(|locale| self.other(&locale_name(*locale)).is_empty());
        if hidden.len() == rules.locales.len() {
            return Err(("locales", "setting-languages-none"));
        }
        let default = match self.default_locale.as_str() {
            "" => None,
            text => {
                let parsed = Locale::parse(text).filter(|locale| rules.locales.contains(locale));
                Some(parsed.ok_or(("default_locale", "setting-language-unknown"))?)
            }
        };
        match default {
            Some(default) if hidden.contains(&default) => {
                Err(("default_locale", "setting-language-hidden"))
            }
            default => Ok((hidden, default)),
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

/// What is shown beside the settings after something was done or refused.
#[derive(Clone, Default)]
struct SettingsOutcome {
    /// The status, unless it is 200.
    status: Option<StatusCode>,
    message: Option<(bool, String)>,
    problems: Vec<FieldProblem>,
    logo_problem: Option<String>,
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
            ..
        } = outcome.clone();
        view! {
            {outcome_view(message)}
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
    let limits = &config.limits;
    let rows = [
        ("setting-origin", config.origin()),
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
            logo: "a.png".to_owned(),
            hidden_locales: vec![Locale::Ko],
            default_locale: Some(Locale::En),
            requests_per_minute: Some(60),
            writes_per_minute: None,
            sandboxes_per_hour: Some(1),
        };
        let current = Settings {
            logo: "a.png".to_owned(),
            ..Settings::default()
        };
        let parsed = SettingsForm::of(&settings).parse(&current, &rules(true));
        assert_eq!(parsed, Ok(settings));
    }

    fn rules(sends_mail: bool) -> FormRules {
        FormRules {
            sends_mail,
            locales: Locale::ALL.to_vec(),
            fixed_limits: vec![LimitKey::WritesPerMinute],
            is_members_only_fixed: false,
            is_admin_totp_fixed: false,
        }
    }

    #[test]
    fn settings_that_the_configuration_fixes_keep_what_was_set() {
        let current = Settings {
            members_only: true,
            require_admin_totp: true,
            ..Settings::default()
        };
        // The form has no boxes for them.
        let form = SettingsForm::of(&Settings::default());
        let fixed = FormRules {
            is_members_only_fixed: true,
            is_admin_totp_fixed: true,
            ..rules(false)
        };
        assert_eq!(form.parse(&current, &fixed), Ok(current.clone()));
        let open = form.parse(&current, &rules(false)).expect("valid settings");
        assert!(!open.members_only && !open.require_admin_totp);
    }

    /// Returns the form of the default settings with another value of a box or a limit.
    fn with(name: &str, value: &str) -> SettingsForm {
        let mut form = SettingsForm::of(&Settings::default());
        form.others.insert(name.to_owned(), value.to_owned());
        form
    }

    #[test]
    fn limits_have_a_range_and_fixed_ones_stay() {
        let current = Settings::default();
        let parse = |name, value| with(name, value).parse(&current, &rules(false));
        for value in ["60", " 100000 "] {
            let parsed = parse("requests_per_minute", value).expect(value);
            assert_eq!(parsed.requests_per_minute, value.trim().parse().ok());
        }
        let invalid = Err(vec![("requests_per_minute", "setting-limit-invalid")]);
        for value in ["59", "100001", "-1", "1e3", "many"] {
            assert_eq!(parse("requests_per_minute", value), invalid, "{value}");
        }
        let fixed = parse("writes_per_minute", "1").expect("ignored");
        assert_eq!(fixed, current);
    }

    #[test]
    fn one_language_is_offered_at_least_and_the_default_among_them() {
        let parse = |form: SettingsForm| form.parse(&Settings::default(), &rules(false));
        let korean = parse(with("locale_en", "")).expect("valid");
        assert_eq!(korean.hidden_locales, [Locale::En]);
        let mut none = with("locale_en", "");
        none.others.remove("locale_ko");
        let expected = Err(vec![("locales", "setting-languages-none")]);
        assert_eq!(parse(none), expected);
        let default = |text: &str| SettingsForm {
            default_locale: text.to_owned(),
            ..with("locale_en", "")
        };
        let hidden = Err(vec![("default_locale", "setting-language-hidden")]);
        assert_eq!(parse(default("en")), hidden);
        let unknown = Err(vec![("default_locale", "setting-language-unknown")]);
        assert_eq!(parse(default("fr")), unknown);
        let korean = parse(default("ko")).expect("valid");
        assert_eq!(korean.default_locale, Some(Locale::Ko));
    }

    #[test]
    fn problems_name_their_fields() {
        let valid = SettingsForm::of(&Settings::default());
        let problems = |form: SettingsForm, sends_mail| {
            form.parse(&Settings::default(), &rules(sends_mail)).err()
        };
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
