//! What admins may change in the browser while the site runs. It is stored in the portal's database, so that it holds for every
//! instance.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::limits::{LimitKey, Limits};
use crate::model::locale::Locale;
use crate::model::user::Email;
use crate::portal::Portal;
use crate::portal::store::StoreError;
use crate::portal::store::audit::Actor;
use crate::portal::store::logo::Logo;

/// Who can create an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Nobody; invitations wait.
    Closed,
    /// Who has an invitation.
    #[default]
    Invitation,
    /// Who has an invitation, or an email address of one of the chosen domains.
    Domains,
}

impl Registration {
    /// Every kind, from the fewest to the most people.
    pub const ALL: [Registration; 3] = [
        Registration::Closed,
        Registration::Invitation,
        Registration::Domains,
    ];

    /// Returns the name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Registration::Closed => "closed",
            Registration::Invitation => "invitation",
            Registration::Domains => "domains",
        }
    }

    /// Returns the kind with a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Registration> {
        Registration::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// The settings of the site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name of the site, in place of the one in `site.toml`; empty for that one.
    pub title: String,
    /// The name of the picture beside the name of the site; empty for none.
    pub logo: String,
    /// The languages of the content that are not offered.
    pub hidden_locales: Vec<Locale>,
    /// The language for visitors whose preferred languages are not offered, in place of the one in `site.toml`.
    pub default_locale: Option<Locale>,
    /// Whether the site is for members only.
    pub members_only: bool,
    /// Who can create an account.
    pub registration: Registration,
    /// The domains of the email addresses with which anybody can create an account, in lower case.
    pub registration_domains: Vec<String>,
    /// Whether admins need a second factor.
    pub require_admin_totp: bool,
    /// The days for which attempts at exercises are kept.
    pub attempt_days: i64,
    /// The days for which entries of the audit log are kept.
    pub audit_days: i64,
    /// The days for which network addresses are kept with sessions and in the audit log.
    pub address_days: i64,
    /// Requests a minute in one sandbox, in place of the configured number.
    pub requests_per_minute: Option<u32>,
    /// Writes a minute in one sandbox, in place of the configured number.
    pub writes_per_minute: Option<u32>,
    /// Sandboxes created in an hour from one address, in place of the configured number.
    pub sandboxes_per_hour: Option<u32>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            title: String::new(),
            logo: String::new(),
            hidden_locales: Vec::new(),
            default_locale: None,
            members_only: false,
            registration: Registration::default(),
            registration_domains: Vec::new(),
            require_admin_totp: false,
            attempt_days: 365,
            audit_days: 365,
            address_days: 30,
            requests_per_minute: None,
            writes_per_minute: None,
            sandboxes_per_hour: None,
        }
    }
}

impl Settings {
    /// The names of the settings, under which they are stored.
    pub const NAMES: [&str; 14] = [
        "title",
        "logo",
        "hidden_locales",
        "default_locale",
        "members_only",
        "registration",
        "registration_domains",
        "require_admin_totp",
        "attempt_days",
        "audit_days",
        "address_days",
        "requests_per_minute",
        "writes_per_minute",
        "sandboxes_per_hour",
    ];

    /// Returns whether anybody with an address can create an account; a domain does not include those below it.
    #[must_use]
    pub fn is_open_to(&self, email: &Email) -> bool {
        let folded = email.folded();
        let domain = folded.rsplit_once('@').map(|(_, domain)| domain);
        self.registration == Registration::Domains
            && domain
                .is_some_and(|domain| self.registration_domains.iter().any(|one| one == domain))
    }

    /// Returns what is set of a limit.
    #[must_use]
    pub fn limit(&self, key: LimitKey) -> Option<u32> {
        match key {
            LimitKey::RequestsPerMinute => self.requests_per_minute,
            LimitKey::WritesPerMinute => self.writes_per_minute,
            LimitKey::SandboxesPerHour => self.sandboxes_per_hour,
        }
    }

    fn fields(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        }
    }
}

/// The settings as they were last read; clones share them.
#[derive(Clone, Debug, Default)]
pub struct CurrentSettings(Arc<CurrentSettingsState>);

#[derive(Debug, Default)]
struct CurrentSettingsState {
    settings: RwLock<Arc<Settings>>,
    logo: RwLock<Option<Arc<Logo>>>,
    version: AtomicU64,
}

impl CurrentSettings {
    /// Returns the settings.
    #[must_use]
    pub fn get(&self) -> Arc<Settings> {
        let settings = self.0.settings.read();
        settings.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the picture beside the name of the site, if admins have uploaded one.
    #[must_use]
    pub fn logo(&self) -> Option<Arc<Logo>> {
        let logo = self.0.logo.read();
        logo.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace_logo(&self, logo: Option<Logo>) {
        let mut current = self.0.logo.write().unwrap_or_else(PoisonError::into_inner);
        *current = logo.map(Arc::new);
    }

    /// Returns a number that is another one after each change, so that pages made before it are not used any more.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    fn replace(&self, settings: Settings) {
        let mut current = self
            .0
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if **current != settings {
            *current = Arc::new(settings);
            self.0.version.fetch_add(1, Ordering::Release);
        }
    }
}

impl Portal {
    /// Reads the settings again, which another instance may have changed. A stored value that this version cannot read counts as
    /// not set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn reload_settings(&self) -> Result<(), StoreError> {
        let mut fields = Settings::default().fields();
        for (name, text) in self.store.list_settings().await? {
            let Ok(value) = serde_json::from_str(&text) else {
                continue;
            };
            let mut changed = fields.clone();
            changed.insert(name.clone(), value);
            match serde_json::from_value::<Settings>(Value::Object(changed.clone())) {
                Ok(_) => fields = changed,
                Err(cause) => tracing::warn!(name, %cause, "a stored setting is not valid"),
            }
        }
        let Ok(settings) = serde_json::from_value::<Settings>(Value::Object(fields)) else {
            return Ok(());
        };
        let loaded = self.settings.logo();
        let loaded = loaded.as_ref().map_or("", |logo| logo.name.as_str());
        if loaded != settings.logo {
            // Before the settings, whose new version makes pages new that show it.
            let logo = self.store.find_logo(&settings.logo).await?;
            self.settings.replace_logo(logo);
        }
        self.settings.replace(settings);
        Ok(())
    }

    /// Stores the picture beside the name of the site, or removes it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_logo(&self, logo: Option<Logo>, actor: &Actor) -> Result<(), StoreError> {
        self.reload_settings().await?;
        let old = self.settings.get().logo.clone();
        let now = self.clock.now();
        self.store.change_logo(logo, &old, actor, now).await?;
        self.reload_settings().await
    }

    /// Returns the limits with those that admins have set in place of configured ones, unless the configuration has fixed them.
    #[must_use]
    pub fn limits(&self, configured: Limits) -> Limits {
        let settings = self.settings.get();
        let mut limits = configured;
        for key in LimitKey::ALL {
            if let Some(value) = settings.limit(key)
                && !self.fixed_limits.contains(&key)
            {
                key.set(&mut limits, value);
            }
        }
        limits
    }

    /// Stores the settings that differ from the current ones. Returns how many these are.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_settings(
        &self,
        settings: &Settings,
        actor: &Actor,
    ) -> Result<usize, StoreError> {
        self.reload_settings().await?;
        let (old, new) = (self.settings.get().fields(), settings.fields());
        let changes = Settings::NAMES.into_iter().filter_map(|name| {
            let (old, new) = (old.get(name)?, new.get(name)?);
            (old != new).then(|| (name, new.to_string(), format!("{old} → {new}")))
        });
        let changes: Vec<_> = changes.collect();
        let count = changes.len();
        let now = self.clock.now();
        self.store.change_settings(changes, actor, now).await?;
        self.reload_settings().await?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_name_under_which_it_is_stored() {
        let fields = Settings::default().fields();
        let mut names: Vec<&str> = fields.keys().map(String::as_str).collect();
        let mut expected = Settings::NAMES.to_vec();
        names.sort_unstable();
        expected.sort_unstable();
        assert_eq!(names, expected);
    }

    #[test]
    fn registration_is_open_to_a_domain_only_as_a_whole() {
        let mut settings = Settings {
            registration: Registration::Domains,
            registration_domains: vec!["example.com".to_owned()],
            ..Settings::default()
        };
        let check = |settings: &Settings, email: &str| {
            settings.is_open_to(&Email::parse(email).expect("an address"))
        };
        assert!(check(&settings, "a@example.com") && check(&settings, "A@EXAMPLE.com"));
        for other in [
            "a@sub.example.com",
            "a@badexample.com",
            "a@example.com.evil.org",
        ] {
            assert!(!check(&settings, other), "{other}");
        }
        settings.registration = Registration::Invitation;
        assert!(!check(&settings, "a@example.com"));
    }

    #[test]
    fn version_changes_only_with_the_settings() {
        let current = CurrentSettings::default();
        current.replace(Settings::default());
        assert_eq!(current.version(), 0);
        let other = Settings {
            members_only: true,
            ..Settings::default()
        };
        current.replace(other.clone());
        assert_eq!((current.version(), &*current.get()), (1, &other));
    }
}
