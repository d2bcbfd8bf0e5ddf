//! The configuration keys. Flags override the environment, which overrides the file.
//!
//! This is the only module that reads environment variables. It neither opens the configured files
//! nor listens on the configured address.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::model::limits::{LimitKey, Limits};
use crate::model::locale::Locale;

/// The keys that an environment variable `ROUTEBOOK_<KEY>` may set.
const KEYS: &[&str] = &[
    "listen",
    "data",
    "base_url",
    "database",
    "sandbox_database",
    "content",
    "watch",
    "drafts",
    "insecure_http",
    "members_only",
    "require_admin_totp",
    "trusted_proxies",
];

/// The configuration file that is read, if it exists, when no file is named.
const FILE: &str = "routebook.toml";

/// The configuration of the server. Every key has a default, so none is required.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on. Default `127.0.0.1:3000`.
    pub listen: SocketAddr,
    /// Folder of the SQLite files and of the lock. Default `./data`.
    pub data: PathBuf,
    /// Origin under which visitors reach the site, for example `https://learn.example.com`.
    /// Default `http://<listen>`. Needed when listening beyond the loopback interface.
    pub base_url: Option<String>,
    /// URL of the portal's database. Default `sqlite:<data>/portal.db`.
    pub database: Option<String>,
    /// URL of the sandbox database. Default `sqlite:<data>/sandbox.db`; must be set when the portal's
    /// database is PostgreSQL, to another database or, on purpose, to the same one.
    pub sandbox_database: Option<String>,
    /// Folder whose lessons are added to the built-in ones; a file replaces the built-in one with the same path.
    pub content: Option<PathBuf>,
    /// Read the content folder again when a file in it changes, and show findings on the pages. For an author.
    pub watch: bool,
    /// Show lessons with `draft: true`.
    pub drafts: bool,
    /// Serve a plain-http base URL beyond loopback, with cookies that are not `Secure`.
    pub insecure_http: bool,
    /// Refuse everything but the login to visitors without an account. Not set by default; then admins decide in the browser.
    pub members_only: Option<bool>,
    /// Addresses or networks of proxies in front, whose `X-Forwarded-For` is trusted. Default none.
    pub trusted_proxies: Vec<IpNet>,
    /// Refuse admins who log in with a password everything but their account until they have a second factor. Not set
    /// by default; then admins decide in the browser.
    pub require_admin_totp: Option<bool>,
    /// The server that sends mail; a table in the file, `ROUTEBOOK_SMTP_<KEY>` in the environment. Default none.
    pub smtp: Option<SmtpConfig>,
    /// The identity provider; a table in the file, `ROUTEBOOK_OIDC_<KEY>` in the environment. Default none.
    pub oidc: Option<OidcConfig>,
    /// The limits of visitors; a table in the file, `ROUTEBOOK_LIMITS_<KEY>` in the environment.
    pub limits: Limits,
    /// The keys of `limits` that the file or the environment sets, so that admins cannot change them in the browser.
    #[serde(skip)]
    pub fixed_limits: Vec<LimitKey>,
}

/// The identity provider with which members log in (OpenID Connect), and what its groups mean. The provider must know the
/// address `<base_url>/login/callback`, and for logouts `<base_url>/`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcConfig {
    /// The issuer, for example `https://id.example.com/realms/team`.
    pub issuer: String,
    /// The id of this site at the provider.
    pub client_id: String,
    /// The secret of this site at the provider. Default none, for a public client.
    #[serde(default)]
    pub client_secret: Option<SecretText>,
    /// The name on the button. Default `OpenID Connect`.
    #[serde(default = "default_provider_name")]
    pub name: String,
    /// The scopes besides `openid`. Default `email`, `profile`.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// The claim that lists the groups of a person. Default `groups`.
    #[serde(default = "default_groups_claim")]
    pub groups_claim: String,
    /// The group whose members are admins. With it or `mentor_group`, each login sets the role. Default none.
    #[serde(default)]
    pub admin_group: Option<String>,
    /// The group whose members are mentors. Default none.
    #[serde(default)]
    pub mentor_group: Option<String>,
    /// Link an account that has the address of the person, if the provider has verified it. Default false.
    #[serde(default)]
    pub link_accounts: bool,
}

fn default_provider_name() -> String {
    "OpenID Connect".to_owned()
}

fn default_scopes() -> Vec<String> {
    vec!["email".to_owned(), "profile".to_owned()]
}

fn default_groups_claim() -> String {
    "groups".to_owned()
}

/// How mail is sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// `smtps://USER:PASSWORD@HOST[:PORT]` with TLS from the start, or `smtp://…` with STARTTLS, which is required beyond this
    /// machine.
    pub url: SecretText,
    /// The sender, for example `Routebook <routebook@example.com>`.
    pub from: String,
}

/// A value of the configuration that is never shown.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(…)")
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            listen: SocketAddr::from(([127, 0, 0, 1], 3000)),
            data: PathBuf::from("./data"),
            base_url: None,
            database: None,
            sandbox_database: None,
            content: None,
            watch: false,
            drafts: false,
            insecure_http: false,
            members_only: None,
            require_admin_totp: None,
            smtp: None,
            oidc: None,
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
            fixed_limits: Vec::new(),
        }
    }
}

/// The reasons for which a configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// `watch` is set without a content folder.
    #[error("watch needs a folder whose files may change: set content (--content FOLDER)")]
    NothingToWatch,
    /// A key is unknown, or its value has the wrong type; the text names key and source.
    #[error("{0}")]
    Key(#[from] Box<figment::Error>),
    /// The base URL is not an origin.
    #[error(
        "base_url {0:?} is not an origin: write http://HOST[:PORT] or https://HOST[:PORT], without a path"
    )]
    BaseUrl(String),
    /// The server would be reachable from other machines, and `base_url` is not set.
    #[error(
        "listening on {0} is reachable from other machines: set base_url (--base-url https://…)"
    )]
    BaseUrlMissing(SocketAddr),
    /// The portal uses PostgreSQL, and `sandbox_database` is not set.
    #[error(
        "database is PostgreSQL, and sandbox_database is not set: set it (--sandbox-database, ROUTEBOOK_SANDBOX_DATABASE) to a database of its own, which visitors can fill without filling the portal's; to accept that both share one, set it to the same URL"
    )]
    SandboxDatabaseMissing,
    /// Passwords and cookies would cross the network unencrypted.
    #[error(
        "base_url {0} is plain http beyond this machine: put TLS in front and use https, or accept the risk with --insecure-http"
    )]
    InsecureHttp(String),
}

impl Config {
    /// Reads `file` (or, without one, `routebook.toml` if it exists), then the environment
    /// variables `ROUTEBOOK_…`, then `flags`. A later source overrides an earlier one.
    ///
    /// # Errors
    /// [`ConfigError::Key`], which names the key and its source, for an unknown key or a value of
    /// the wrong type; the errors of [`Config::check`].
    pub fn load(file: Option<&Path>, flags: impl Serialize) -> Result<Config, ConfigError> {
        let with_file = match file {
            Some(file) => Figment::from(Toml::file_exact(file)),
            None if Path::new(FILE).exists() => Figment::from(Toml::file_exact(FILE)),
            None => Figment::new(),
        };
        let set = with_file
            .merge(Env::prefixed("ROUTEBOOK_").only(KEYS))
            .merge(Env::prefixed("ROUTEBOOK_LIMITS_").map(|key| format!("limits.{key}").into()))
            .merge(Env::prefixed("ROUTEBOOK_SMTP_").map(|key| format!("smtp.{key}").into()))
            .merge(Env::prefixed("ROUTEBOOK_OIDC_").map(|key| format!("oidc.{key}").into()))
            .merge(Serialized::defaults(flags));
        let is_set = |key: &LimitKey| set.contains(&format!("limits.{}", key.as_str()));
        let fixed_limits = LimitKey::ALL.into_iter().filter(is_set).collect();
        let defaults = Figment::from(Serialized::defaults(Config::default()));
        let config: Config = defaults.merge(&set).extract().map_err(Box::new)?;
        let config = Config {
            fixed_limits,
            ..config
        };
        config.check()?;
        Ok(config)
    }

    /// Refuses combinations of values that do not work or are not safe.
    ///
    /// # Errors
    /// [`ConfigError`], whose text describes the correction.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.watch && self.content.is_none() {
            return Err(ConfigError::NothingToWatch);
        }
        let Some(base) = &self.base_url else {
            return match self.listen.ip().is_loopback() {
                true => Ok(()),
                false => Err(ConfigError::BaseUrlMissing(self.listen)),
            };
        };
        let invalid = || ConfigError::BaseUrl(base.clone());
        let uri: http::Uri = base.parse().map_err(|_| invalid())?;
        let host = uri.host().ok_or_else(invalid)?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(invalid());
        }
        match uri.scheme_str() {
            Some("https") => Ok(()),
            Some("http") if is_loopback_host(host) || self.insecure_http => Ok(()),
            Some("http") => Err(ConfigError::InsecureHttp(base.clone())),
            _ => Err(invalid()),
        }
    }

    /// Returns whether lessons with `draft: true` are shown.
    pub fn shows_drafts(&self) -> bool {
        self.drafts || self.watch
    }

    /// Returns whether the site is for the person at this machine: no other one reaches it, unless through a proxy that nothing is
    /// known of.
    pub fn is_local(&self) -> bool {
        let origin = self.origin().parse::<http::Uri>().ok();
        let host = origin.as_ref().and_then(http::Uri::host);
        self.listen.ip().is_loopback() && host.is_some_and(is_loopback_host)
    }

    /// Returns the origin of the site, without a trailing slash.
    pub fn origin(&self) -> String {
        match &self.base_url {
            Some(base) => base.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    /// Returns whether cookies are `Secure` and have the prefix `__Host-`: when the origin is https.
    pub fn secure_cookies(&self) -> bool {
        self.origin().starts_with("https://")
    }

    /// Returns the URL of the portal's database.
    pub fn portal_url(&self) -> String {
        match &self.database {
            Some(url) => url.clone(),
            None => sqlite_url(&self.data.join("portal.db")),
        }
    }

    /// Returns the file of the portal's database; `None` when it is PostgreSQL.
    pub fn portal_file(&self) -> Option<PathBuf> {
        let url = self.portal_url();
        let path = url.strip_prefix("sqlite:")?;
        Some(path.strip_prefix("//").unwrap_or(path).into())
    }

    /// Returns the URL of the sandbox database.
    ///
    /// # Errors
    /// [`ConfigError::SandboxDatabaseMissing`], because data of visitors is written to the portal's
    /// server only when the configuration says so explicitly.
    pub fn sandbox_url(&self) -> Result<String, ConfigError> {
        match (&self.sandbox_database, &self.database) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(url)) if url.starts_with("postgres") => {
                Err(ConfigError::SandboxDatabaseMissing)
            }
            _ => Ok(sqlite_url(&self.data.join("sandbox.db"))),
        }
    }

    /// Returns the hosts that a request may name: the host of the base URL and the loopback names.
    pub fn allowed_hosts(&self) -> Vec<String> {
        let mut hosts = vec![
            "127.0.0.1".to_owned(),
            "localhost".to_owned(),
            "[::1]".to_owned(),
        ];
        let origin = self.origin();
        if let Some(host) = origin
            .parse::<http::Uri>()
            .ok()
            .and_then(|u| u.host().map(str::to_owned))
        {
            hosts.push(host);
        }
        hosts
    }
}

/// Returns the port on which `cargo leptos watch` signals pages to reload, or `None` when the
/// server was not started by it.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub fn reload_port() -> Option<u16> {
    std::env::var("LEPTOS_WATCH").ok()?;
    let port = std::env::var("LEPTOS_RELOAD_PORT")
        .ok()
        .and_then(|port| port.parse().ok());
    Some(port.unwrap_or(3001))
}

fn is_loopback_host(host: &str) -> bool {
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

/// Returns the language of the person at the terminal, from the variables of POSIX; `None` when they name none of ours.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub fn terminal_locale() -> Option<Locale> {
    let values = ["LC_ALL", "LC_MESSAGES", "LANG"].map(|name| std::env::var(name).ok());
    let value = values.into_iter().flatten().find(|value| !value.is_empty());
    locale_of(&value?)
}

/// Returns the language of a value such as `en_US.UTF-8`.
fn locale_of(value: &str) -> Option<Locale> {
    Locale::parse(value.split(['_', '.', '@']).next()?)
}

fn sqlite_url(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn language_of_the_terminal_is_before_country_and_encoding() {
        for (value, expected) in [
            ("en_US.UTF-8", Some(Locale::En)),
            ("ko_KR", Some(Locale::Ko)),
            ("en", Some(Locale::En)),
            ("ko.UTF-8", Some(Locale::Ko)),
            ("C.UTF-8", None),
            ("POSIX", None),
            ("", None),
        ] {
            assert_eq!(locale_of(value), expected, "{value}");
        }
    }

    fn check_with(
        base_url: Option<&str>,
        listen: &str,
        insecure_http: bool,
    ) -> Result<(), ConfigError> {
        let config = Config {
            base_url: base_url.map(str::to_owned),
            listen: listen.parse().expect("an address"),
            insecure_http,
            ..Config::default()
        };
        config.check()
    }

    #[test]
    fn listening_beyond_loopback_without_safe_base_url_is_refused() {
        assert!(check_with(None, "127.0.0.1:3000", false).is_ok());
        assert!(matches!(
            check_with(None, "0.0.0.0:3000", false),
            Err(ConfigError::BaseUrlMissing(_))
        ));
        assert!(check_with(Some("https://learn.example.com"), "0.0.0.0:3000", false).is_ok());
        let plain = Some("http://learn.example.com");
        assert!(matches!(
            check_with(plain, "0.0.0.0:3000", false),
            Err(ConfigError::InsecureHttp(_))
        ));
        assert!(check_with(plain, "0.0.0.0:3000", true).is_ok());
    }

    #[test]
    fn base_url_that_is_not_an_origin_is_refused() {
        for bad in [
            "learn.example.com",
            "ftp://x",
            "https://x/learn",
            "https://x?y",
            "",
            "https://",
        ] {
            assert!(
                matches!(
                    check_with(Some(bad), "127.0.0.1:3000", false),
                    Err(ConfigError::BaseUrl(_))
                ),
                "{bad}"
            );
        }
    }

    #[test]
    fn sandbox_database_beside_postgres_must_be_set() {
        let url = |database: Option<&str>, sandbox_database: Option<&str>| {
            let config = Config {
                database: database.map(str::to_owned),
                sandbox_database: sandbox_database.map(str::to_owned),
                ..Config::default()
            };
            config.sandbox_url().map_err(|error| error.to_string())
        };
        let (portal, other) = ("postgres://db/portal", "postgres://db/sandbox");
        let error = url(Some(portal), None).expect_err("refused");
        assert!(error.contains("sandbox_database"), "{error}");
        assert_eq!(url(Some(portal), Some(other)).as_deref(), Ok(other));
        assert_eq!(url(Some(portal), Some(portal)).as_deref(), Ok(portal));
        let own = Ok("sqlite:./data/sandbox.db");
        assert_eq!(url(None, None).as_deref(), own);
        assert_eq!(url(Some("sqlite:a.db"), None).as_deref(), own);
    }

    #[test]
    fn unknown_key_is_refused_by_name() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("routebook.toml");
        std::fs::write(&file, "lissten = \"127.0.0.1:1\"\n").expect("written");
        let error = Config::load(Some(&file), BTreeMap::<String, String>::new())
            .expect_err("refused")
            .to_string();
        assert!(error.contains("lissten"), "{error}");
    }

    #[test]
    fn limits_that_the_file_sets_are_fixed() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("routebook.toml");
        // The default, which is fixed all the same.
        std::fs::write(&file, "[limits]\nwrites_per_minute = 600\n").expect("written");
        let no_flags = BTreeMap::<String, String>::new();
        let config = Config::load(Some(&file), no_flags).expect("loads");
        assert_eq!(config.fixed_limits, [LimitKey::WritesPerMinute]);
    }

    #[test]
    fn flags_override_the_file() {
        #[derive(Serialize)]
        struct Flags {
            listen: &'static str,
        }
        let dir = tempfile::tempdir().expect("a temporary folder");
        let file = dir.path().join("routebook.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\ndata = \"d\"\n").expect("written");
        let config = Config::load(
            Some(&file),
            Flags {
                listen: "127.0.0.1:2",
            },
        )
        .expect("loads");
        assert_eq!(config.listen.port(), 2);
        assert_eq!(config.data, PathBuf::from("d"));
    }
}
