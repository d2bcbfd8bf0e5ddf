//! The form of the settings as it is sent and shown again: which values are valid, and the settings that they make.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::account::DisplayName;
use crate::model::limits::LimitKey;
use crate::model::locale::Locale;
use crate::portal::{Registration, Settings};
use crate::state::AppState;

/// The fewest and the most days for which something is kept.
const DAYS: std::ops::RangeInclusive<i64> = 1..=3650;
/// The most domains with which anybody can register.
const DOMAINS: usize = 50;

/// A field that is not valid, with the key of a message.
pub(super) type FieldProblem = (&'static str, &'static str);

/// The form, as it is sent and shown again.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SettingsForm {
    pub(super) title: String,
    /// The language for visitors whose preferred languages are not offered; empty for that of the content.
    pub(super) default_locale: String,
    /// Not empty when the box is checked.
    pub(super) members_only: String,
    pub(super) registration: String,
    pub(super) registration_domains: String,
    /// Not empty when the box is checked.
    pub(super) require_admin_totp: String,
    pub(super) attempt_days: String,
    pub(super) audit_days: String,
    pub(super) address_days: String,
    /// The boxes of the languages that are offered (`locale_en`), and the limits by their keys; empty for the configured one.
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

/// What decides whether the form is valid.
pub(super) struct FormRules {
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
    pub(super) fn of(state: &AppState) -> FormRules {
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
pub(super) fn locale_name(locale: Locale) -> String {
    format!("locale_{locale}")
}

impl SettingsForm {
    pub(super) fn of(settings: &Settings) -> SettingsForm {
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

    pub(super) fn other(&self, name: &str) -> &str {
        self.others.get(name).map_or("", |value| value.trim())
    }

    /// Returns the settings, those of `current` that are not in the form among them, or the fields that are not valid, each
    /// with the key of a message.
    pub(super) fn parse(
        &self,
        current: &Settings,
        rules: &FormRules,
    ) -> Result<Settings, Vec<FieldProblem>> {
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
