//! What an entry of the audit log is about, in the language of the page. The log has codes, which the files keep; ids are shown as
//! code.

use leptos::prelude::*;
use serde_json::Value;

use crate::model::account::TeamRole;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::portal::store::audit::{AuditAction, AuditEntry};
use crate::portal::store::invitation::REPLACED;

/// Between what was and what is, in the details of a change.
const CHANGE: &str = " → ";

/// What an entry is about, and more about it.
pub(super) struct AuditText {
    pub(super) subject: AnyView,
    pub(super) detail: Option<AnyView>,
}

impl AuditText {
    /// Returns the texts of an entry. What has another form than this version writes is shown as it is.
    pub(super) fn of(entry: &AuditEntry, messages: &MessageCatalog) -> AuditText {
        let (subject, detail) = (entry.subject.as_str(), entry.detail.as_str());
        let action = AuditAction::parse(&entry.action);
        let text = match (action, detail) {
            (_, "") => None,
            (Some(AuditAction::Assign), _) => Some(assigned(detail)),
            (Some(AuditAction::AnswerHelp), _) => Some(code(detail)),
            (Some(action), _) => Some(detail_text(action, subject, detail, messages).into_any()),
            (None, _) => Some(detail.to_owned().into_any()),
        };
        let subject = match action {
            Some(AuditAction::AskForHelp) => code(subject),
            Some(action) => subject_text(action, subject, messages).into_any(),
            None => subject.to_owned().into_any(),
        };
        AuditText {
            subject,
            detail: text,
        }
    }
}

fn code(text: &str) -> AnyView {
    view! { <code>{text.to_owned()}</code> }.into_any()
}

/// Renders the lessons of an assignment and its day.
fn assigned(detail: &str) -> AnyView {
    let Some((lessons, due)) = detail.rsplit_once(CHANGE) else {
        return detail.to_owned().into_any();
    };
    let (lessons, due) = (code(lessons), due.to_owned());
    view! { {lessons}{CHANGE}{due} }.into_any()
}

fn subject_text(action: AuditAction, subject: &str, messages: &MessageCatalog) -> String {
    match (action, subject) {
        (AuditAction::Invite | AuditAction::RevokeInvitation, "") => messages.get("invite-anybody"),
        (AuditAction::Assign | AuditAction::DeleteAssignment, "") => {
            messages.get("assignment-everybody")
        }
        (AuditAction::Export, "audit") => messages.get("admin-audit"),
        (AuditAction::Export, "progress") => messages.get("audit-team-progress"),
        (AuditAction::ReloadContent, "content") => messages.get("content-folder"),
        (AuditAction::ChangeSetting, name) => setting_label(name, messages),
        _ => subject.to_owned(),
    }
}

fn detail_text(
    action: AuditAction,
    subject: &str,
    detail: &str,
    messages: &MessageCatalog,
) -> String {
    let text = match action {
        // The detail of a failed login is the name of the account with the address.
        AuditAction::LogInFailed => Some(messages.with("audit-known-account", &[("name", detail)])),
        AuditAction::ChangeRole => role_change(detail, messages),
        AuditAction::ChangeLanguage => language_change(detail),
        // The other detail is none: an admin revoked it.
        AuditAction::RevokeInvitation if detail == REPLACED => Some(messages.get("audit-replaced")),
        AuditAction::Invite | AuditAction::Join => joined(detail, messages),
        AuditAction::ReloadContent => reloaded(detail, messages),
        AuditAction::EndSessions => Some(messages.with("audit-sessions", &[("count", detail)])),
        AuditAction::BackUp => Some(messages.with("audit-bytes", &[("size", detail)])),
        AuditAction::ChangeSetting => setting_change(subject, detail, messages),
        _ => None,
    };
    text.unwrap_or_else(|| detail.to_owned())
}

fn role(text: &str, messages: &MessageCatalog) -> Option<String> {
    let role: TeamRole = text.parse().ok()?;
    Some(messages.get(&format!("role-{role}")))
}

/// Returns `learner → mentor` with the names of the roles.
fn role_change(detail: &str, messages: &MessageCatalog) -> Option<String> {
    let (old, new) = detail.split_once(CHANGE)?;
    Some([&*role(old, messages)?, CHANGE, &role(new, messages)?].concat())
}

/// Returns `en → ko` with the names of the languages.
fn language_change(detail: &str) -> Option<String> {
    let (old, new) = detail.split_once(CHANGE)?;
    let name = |code| Locale::parse(code).map(Locale::name);
    Some([name(old)?, CHANGE, name(new)?].concat())
}

/// Returns `role=learner`, `role=learner, uses=5` or `role=learner, ISSUER` as a text.
fn joined(detail: &str, messages: &MessageCatalog) -> Option<String> {
    let detail = detail.strip_prefix("role=")?;
    let (name, rest) = detail.split_once(", ").unwrap_or((detail, ""));
    let role = role(name, messages)?;
    Some(match rest.strip_prefix("uses=") {
        Some(uses) => messages.with("audit-invited", &[("role", &role), ("uses", uses)]),
        None if rest.is_empty() => role,
        None => format!("{role}, {rest}"),
    })
}

/// Returns what came of loading the content again.
fn reloaded(detail: &str, messages: &MessageCatalog) -> Option<String> {
    if detail == "served" {
        return Some(messages.get("content-reload-served"));
    }
    let count = detail.strip_prefix("not served, findings: ")?;
    Some(messages.with("audit-not-served", &[("count", count)]))
}

/// Returns the label of a setting on its page.
fn setting_label(name: &str, messages: &MessageCatalog) -> String {
    let key = match name {
        "logo" => "logo-title".to_owned(),
        "hidden_locales" => "audit-hidden-locales".to_owned(),
        "default_locale" => "setting-language-default".to_owned(),
        "registration_domains" => "setting-domains".to_owned(),
        "require_admin_totp" => "setting-totp".to_owned(),
        name => format!("setting-{}", name.replace('_', "-")),
    };
    match messages.has(&key) {
        true => messages.get(&key),
        false => name.to_owned(),
    }
}

/// Returns two values of a setting, which the log has as JSON.
fn setting_change(name: &str, detail: &str, messages: &MessageCatalog) -> Option<String> {
    // A text can contain an arrow too.
    let mut values = serde_json::Deserializer::from_str(detail).into_iter::<Value>();
    let old = values.next()?.ok()?;
    let new = detail.get(values.byte_offset()..)?.strip_prefix(CHANGE)?;
    let new = serde_json::from_str(new).ok()?;
    let [old, new] = [old, new].map(|value| setting_value(name, &value, messages));
    Some([&*old, CHANGE, &new].concat())
}

fn setting_value(name: &str, value: &Value, messages: &MessageCatalog) -> String {
    match value {
        Value::Null => messages.get("audit-unset"),
        Value::String(text) if text.is_empty() => messages.get("audit-unset"),
        Value::Bool(true) => messages.get("audit-on"),
        Value::Bool(false) => messages.get("audit-off"),
        Value::String(text) if name == "registration" => {
            messages.get(&format!("setting-registration-{text}"))
        }
        Value::String(text) if name.ends_with("locale") || name.ends_with("locales") => {
            Locale::parse(text).map_or_else(|| text.clone(), |locale| locale.name().to_owned())
        }
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => messages.get("audit-empty"),
        Value::Array(items) => {
            let items = items.iter().map(|item| setting_value(name, item, messages));
            items.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
