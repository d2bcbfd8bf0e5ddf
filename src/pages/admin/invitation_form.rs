//! The form that creates invitations: what it asks for, and how it is rendered.

use leptos::prelude::*;
use serde::Deserialize;

use crate::model::account::TeamRole;
use crate::model::html::escape;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::form_field::{Field, FieldText, field, field_text};
use crate::portal::store::group::{Group, GroupId};
use crate::portal::store::invitation::NewInvitation;

/// A day in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// The days after which an invitation can expire.
const DAYS: [i64; 4] = [1, 7, 30, 90];
/// The maximum number of uses of one invitation, and of addresses in a list.
const MANY: i64 = 500;

/// The fields of the form.
#[derive(Clone, Deserialize)]
#[serde(default)]
pub(super) struct InvitationForm {
    #[serde(rename = "do")]
    pub(super) action: String,
    /// The invitation to revoke.
    pub(super) id: i64,
    /// `yes` when the question before an invitation is revoked was answered.
    pub(super) confirm: String,
    role: String,
    /// The id of a group; empty for none.
    group: String,
    /// The language of the page that the link opens, and of the mail; empty for that of the admin.
    language: String,
    days: i64,
    uses: String,
    /// Addresses, one a line or separated by commas; empty for a link that anybody can use.
    emails: String,
    /// `mail` when each address is to get its link by mail.
    pub(super) send: String,
    /// A random number in each form, so that sending one again creates nothing.
    pub(super) form: String,
}

impl Default for InvitationForm {
    fn default() -> InvitationForm {
        InvitationForm {
            action: String::new(),
            id: 0,
            confirm: String::new(),
            role: TeamRole::Learner.as_str().to_owned(),
            group: String::new(),
            language: String::new(),
            days: 7,
            uses: "1".to_owned(),
            emails: String::new(),
            send: String::new(),
            form: String::new(),
        }
    }
}

impl InvitationForm {
    /// Returns the form for the next invitation: with the same choices, for others.
    pub(super) fn next(self) -> InvitationForm {
        InvitationForm {
            role: self.role,
            group: self.group,
            language: self.language,
            days: self.days,
            send: self.send,
            ..InvitationForm::default()
        }
    }

    /// Returns the language of the page that the links open, and of the mails.
    pub(super) fn language(&self, page: Locale) -> Locale {
        Locale::parse(&self.language).unwrap_or(page)
    }

    /// Returns the invitations that the form asks for: one for each address, or one that anybody can use.
    ///
    /// # Errors
    /// [`Refusal`].
    pub(super) fn invitations(&self, now: i64) -> Result<Vec<NewInvitation>, Refusal> {
        let role = TeamRole::parse(&self.role).ok_or(Refusal::Unreadable)?;
        let is_language = self.language.is_empty() || Locale::parse(&self.language).is_some();
        if !DAYS.contains(&self.days) || !is_language {
            return Err(Refusal::Unreadable);
        }
        let group = match self.group.as_str() {
            "" => None,
            id => Some(GroupId(id.parse().map_err(|_| Refusal::Unreadable)?)),
        };
        let expires = now + self.days * DAY;
        let invitation = |email, uses| NewInvitation {
            role,
            group,
            email,
            uses,
            expires,
        };
        let emails = emails(&self.emails)?;
        if !emails.is_empty() {
            let all = emails.into_iter().map(|email| invitation(Some(email), 1));
            return Ok(all.collect());
        }
        let uses = self.uses.trim().parse().ok();
        let uses = uses.filter(|uses| (1..=MANY).contains(uses));
        let uses = uses.ok_or(Refusal::Uses)?;
        Ok(vec![invitation(None, uses)])
    }
}

/// Parses a list of addresses, each once.
fn emails(text: &str) -> Result<Vec<Email>, Refusal> {
    let addresses = text.split(['\n', ',', ';']).map(str::trim);
    let mut emails: Vec<Email> = Vec::new();
    for address in addresses.filter(|address| !address.is_empty()) {
        // Programs for mail write `Ada Lovelace <ada@example.com>` (RFC 5322, section 3.4).
        let inside = address.rsplit_once('<');
        let inside = inside.and_then(|(_, rest)| rest.strip_suffix('>'));
        let email = Email::parse(inside.unwrap_or(address));
        let email = email.ok_or_else(|| Refusal::Address(address.chars().take(100).collect()))?;
        if !emails.iter().any(|other| other.folded() == email.folded()) {
            emails.push(email);
        }
    }
    match i64::try_from(emails.len()) {
        Ok(count) if count <= MANY => Ok(emails),
        _ => Err(Refusal::TooMany),
    }
}

/// Why a form creates no invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No page of the site sends such a form.
    Unreadable,
    /// The number of accounts is not a number, or out of range.
    Uses,
    /// This is not an address.
    Address(String),
    /// There are too many addresses.
    TooMany,
    /// The group was deleted.
    NoGroup,
}

impl Refusal {
    /// Returns the name of the field that is wrong, if it is one.
    fn field(&self) -> Option<&'static str> {
        match self {
            Refusal::Unreadable => None,
            Refusal::Uses => Some("uses"),
            Refusal::Address(_) | Refusal::TooMany => Some("emails"),
            Refusal::NoGroup => Some("group"),
        }
    }

    fn text(&self, messages: &MessageCatalog) -> String {
        match self {
            Refusal::Unreadable => messages.get("login-unreadable"),
            Refusal::Uses => messages.get("invite-uses-invalid"),
            Refusal::Address(address) => {
                messages.with("invite-address-invalid", &[("address", address)])
            }
            Refusal::TooMany => messages.get("invite-too-many"),
            Refusal::NoGroup => messages.get("invite-group-gone"),
        }
    }

    /// Returns what is said above the form, when it concerns no field.
    pub(super) fn message(&self, messages: &MessageCatalog) -> Option<String> {
        self.field().is_none().then(|| self.text(messages))
    }

    /// Returns what is said beside a field.
    fn problem_of(&self, field: &str, messages: &MessageCatalog) -> Option<String> {
        (self.field() == Some(field)).then(|| self.text(messages))
    }
}

/// What can be chosen in the form.
#[derive(Clone)]
pub(super) struct Choices {
    pub(super) groups: Vec<Group>,
    pub(super) locales: Vec<Locale>,
    /// Whether the site sends mail.
    pub(super) can_send: bool,
}

/// Renders the form, with why it was refused.
pub(super) fn form_view(
    locale: Locale,
    form: &InvitationForm,
    refusal: Option<&Refusal>,
    choices: &Choices,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let problem = |field: &str| refusal.and_then(|refusal| refusal.problem_of(field, messages));
    let roles = TeamRole::ALL.iter().rev().map(|role| {
        let name = role.as_str();
        view! { <option value=name selected=name == form.role>{messages.get(&format!("role-{name}"))}</option> }
    });
    let roles = roles.collect_view();
    let days = DAYS.map(|days| {
        let text = messages.with("invite-days", &[("count", &days.to_string())]);
        view! { <option value=days.to_string() selected=days == form.days>{text}</option> }
    });
    let uses = field(Field {
        name: "uses",
        kind: "text",
        label: messages.get("invite-uses"),
        autocomplete: "off",
        value: form.uses.clone(),
        note: Some(messages.get("invite-uses-note")),
        problem: problem("uses"),
        // With a list of addresses the number does not matter.
        is_optional: true,
        ..Field::default()
    });
    let send = choices.can_send.then(|| {
        let is_chosen = form.send == "mail";
        view! {
            <p class="portal-wide">
                <label><input type="checkbox" name="send" value="mail" checked=is_chosen/>" "{messages.get("invite-send")}</label>
            </p>
        }
    });
    let form_number = rand::random::<u64>().to_string();
    view! {
        <form class="portal-form" method="post" action=format!("/{locale}/admin/invitations")>
            <h2>{messages.get("invite-new")}</h2>
            <input type="hidden" name="form" value=form_number/>
            <p class="field">
                <label for="role">{messages.get("invite-role")}</label>
                <select id="role" name="role">{roles}</select>
            </p>
            {group_field(form, &choices.groups, problem("group"), messages)}
            <p class="portal-wide quiet">{messages.get("roles-note")}</p>
            {language_field(form.language(locale), &choices.locales, messages)}
            <p class="field">
                <label for="days">{messages.get("invite-valid")}</label>
                <select id="days" name="days">{days.collect_view()}</select>
            </p>
            {uses}
            {emails_field(form, choices.can_send, problem("emails"), messages)}
            {send}
            <p class="portal-wide"><button class="button primary" name="do" value="create">{messages.get("invite-submit")}</button></p>
        </form>
    }
}

fn group_field(
    form: &InvitationForm,
    groups: &[Group],
    problem: Option<String>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let options = groups.iter().map(|group| {
        let id = group.id.0.to_string();
        let is_chosen = id == form.group;
        view! { <option value=id selected=is_chosen>{group.name.as_str().to_owned()}</option> }
    });
    let options = options.collect_view();
    let FieldText {
        invalid,
        described_by,
        view: text,
    } = field_text("group", None, problem);
    view! {
        <p class="field">
            <label for="group">{messages.get("invite-group")}</label>
            <select id="group" name="group" aria-invalid=invalid aria-describedby=described_by>
                <option value="">{messages.get("invite-no-group")}</option>
                {options}
            </select>
            {text}
        </p>
    }
}

/// Renders the choice of the language, if there is one to choose.
fn language_field(
    chosen: Locale,
    locales: &[Locale],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let options = locales.iter().map(|one| {
        view! { <option value=one.as_str() selected=*one == chosen>{one.name()}</option> }
    });
    let options = options.collect_view();
    let FieldText {
        described_by,
        view: text,
        ..
    } = field_text("language", Some(messages.get("invite-language-note")), None);
    (locales.len() > 1).then(|| {
        view! {
            <p class="field">
                <label for="language">{messages.get("invite-language")}</label>
                <select id="language" name="language" aria-describedby=described_by>{options}</select>
                {text}
            </p>
        }
    })
}

fn emails_field(
    form: &InvitationForm,
    can_send: bool,
    problem: Option<String>,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let note = match can_send {
        true => "invite-emails-note-mail",
        false => "invite-emails-note",
    };
    // Leptos does not escape the text of a `<textarea>`. A browser removes the first line break.
    let emails = format!("\n{}", escape(&form.emails));
    let is_wrong = problem.is_some();
    let FieldText {
        invalid,
        described_by,
        view: text,
    } = field_text("emails", Some(messages.get(note)), problem);
    view! {
        <p class="field portal-wide">
            <label for="emails">{messages.get("invite-emails")}</label>
            <textarea id="emails" name="emails" rows="4" autofocus=is_wrong aria-invalid=invalid aria-describedby=described_by inner_html=emails></textarea>
            {text}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_list_becomes_one_invitation_for_each_address() {
        let form = |emails: &str, uses: &str| InvitationForm {
            emails: emails.to_owned(),
            uses: uses.to_owned(),
            ..InvitationForm::default()
        };
        let found = form(
            " a@example.com\r\n\"Kim B\" <B@example.com>; b@example.com,",
            "9",
        );
        let found = found.invitations(0).expect("a list");
        let emails: Vec<_> = found
            .iter()
            .map(|one| (one.email.as_ref().map(Email::as_str), one.uses))
            .collect();
        assert_eq!(
            emails,
            [(Some("a@example.com"), 1), (Some("B@example.com"), 1)]
        );
        let found = form("", "20").invitations(5).expect("a link");
        assert_eq!((found[0].uses, found[0].expires), (20, 5 + 7 * DAY));
        let address = Refusal::Address("nobody".to_owned());
        let refused = |form: InvitationForm| form.invitations(0).expect_err("refused");
        assert_eq!(refused(form("a@example.com\nnobody", "1")), address);
        for uses in ["", "0", "501", "-1", "x"] {
            assert_eq!(refused(form("", uses)), Refusal::Uses, "{uses}");
        }
        let many: String = (0..501).map(|n| format!("u{n}@example.com\n")).collect();
        assert_eq!(refused(form(&many, "1")), Refusal::TooMany);
    }
}
