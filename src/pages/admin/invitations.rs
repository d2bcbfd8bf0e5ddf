//! `/{lang}/admin/invitations`: links with which people create accounts, one or many at once.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::Response;
use leptos::prelude::*;
use serde::Deserialize;

use crate::csv_text::csv_lines;
use crate::islands::copy_button::CopyButton;
use crate::model::account::TeamRole;
use crate::model::html::escape;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::admin::{outcome_view, page_with_status};
use crate::pages::mail::{self, MailsOutcome};
use crate::pages::meta::PageRequest;
use crate::pages::notice;
use crate::pages::signed_in::{AdminRequest, MemberRequest};
use crate::pages::time::time;
use crate::portal::Mailer;
use crate::portal::Registration;
use crate::portal::store::StoreError;
use crate::portal::store::group::{Group, GroupId};
use crate::portal::store::invitation::{Invitation, NewInvitation};
use crate::state::AppState;

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
    action: String,
    /// The invitation to revoke.
    id: i64,
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
    send: String,
    /// A random number in each form, so that sending one again creates nothing.
    form: String,
}

impl Default for InvitationForm {
    fn default() -> InvitationForm {
        InvitationForm {
            action: String::new(),
            id: 0,
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
    fn next(self) -> InvitationForm {
        InvitationForm {
            role: self.role,
            group: self.group,
            language: self.language,
            days: self.days,
            send: self.send,
            ..InvitationForm::default()
        }
    }
}

/// What is shown after something was done.
#[derive(Clone, Default)]
struct InvitationsOutcome {
    message: Option<(bool, String)>,
    /// The status, unless it is 200.
    status: Option<StatusCode>,
    /// The new links, each with the address that it is for. They are shown once.
    links: Vec<(Option<Email>, String)>,
}

/// Handles `GET /{lang}/admin/invitations`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
) -> Response {
    let form = InvitationForm::default();
    list(&state, request.page, form, InvitationsOutcome::default()).await
}

/// Handles `POST /{lang}/admin/invitations`.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    form: Result<Form<InvitationForm>, FormRejection>,
) -> Response {
    let messages = state.i18n.messages(request.page.locale).clone();
    let refused = |status, text: String| InvitationsOutcome {
        message: Some((false, text)),
        status: Some(status),
        links: Vec::new(),
    };
    let invalid = |key: &str| refused(StatusCode::UNPROCESSABLE_ENTITY, messages.get(key));
    let conflict = |key: &str| refused(StatusCode::CONFLICT, messages.get(key));
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) => {
            let outcome = refused(rejection.status(), messages.get("login-unreadable"));
            return list(&state, request.page, InvitationForm::default(), outcome).await;
        }
    };
    let (outcome, form) = match form.action.as_str() {
        "create" => match invitations(&form, state.portal.clock.now()) {
            Ok(_) if !state.portal.is_first_use_of_form(&form.form) => {
                (Ok(conflict("invite-sent-again")), form.next())
            }
            Ok(invitations) if is_unknown_group(&state, &invitations).await => {
                (Ok(conflict("invite-group-gone")), form)
            }
            Ok(invitations) => {
                let mailer = state.mailer.as_ref().filter(|_| form.send == "mail");
                let is_dead = match mailer {
                    Some(mailer) => mailer.check().await.err(),
                    None => None,
                };
                match is_dead {
                    Some(cause) => {
                        tracing::error!(%cause, "the mail server does not answer");
                        let text = messages.get("invite-mail-failed");
                        (Ok(refused(StatusCode::SERVICE_UNAVAILABLE, text)), form)
                    }
                    None => {
                        let language = Locale::parse(&form.language);
                        let language = language.unwrap_or(request.page.locale);
                        let links = (invitations, language);
                        let created = create(&state, &request, links, mailer, &messages);
                        (created.await, form.next())
                    }
                }
            }
            Err(Refusal::Field(key)) => (Ok(invalid(key)), form),
            Err(Refusal::Address(line)) => {
                let text = messages.with("invite-address-invalid", &[("address", &line)]);
                (Ok(refused(StatusCode::UNPROCESSABLE_ENTITY, text)), form)
            }
        },
        "revoke" => {
            let now = state.portal.clock.now();
            let store = &state.portal.store;
            let revoked = store.revoke_invitation(form.id, &request.actor, now).await;
            let outcome = revoked.map(|is_revoked| match is_revoked {
                true => InvitationsOutcome {
                    message: Some((true, messages.get("invite-revoked"))),
                    ..InvitationsOutcome::default()
                },
                false => conflict("link-invalid-title"),
            });
            (outcome, InvitationForm::default())
        }
        _ => (Ok(invalid("login-unreadable")), form),
    };
    match outcome {
        Ok(outcome) => list(&state, request.page, form, outcome).await,
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Why a form creates no invitation.
#[derive(Debug, PartialEq, Eq)]
enum Refusal {
    /// A message about a field.
    Field(&'static str),
    /// This is not an address.
    Address(String),
}

/// Returns the invitations that a form asks for: one for each address, or one that anybody can use.
fn invitations(form: &InvitationForm, now: i64) -> Result<Vec<NewInvitation>, Refusal> {
    let role = TeamRole::parse(&form.role).ok_or(Refusal::Field("login-unreadable"))?;
    let is_language = form.language.is_empty() || Locale::parse(&form.language).is_some();
    if !DAYS.contains(&form.days) || !is_language {
        return Err(Refusal::Field("login-unreadable"));
    }
    let group = match form.group.as_str() {
        "" => None,
        id => Some(GroupId(
            id.parse().map_err(|_| Refusal::Field("login-unreadable"))?,
        )),
    };
    let expires = now + form.days * DAY;
    let invitation = |email, uses| NewInvitation {
        role,
        group,
        email,
        uses,
        expires,
    };
    let addresses = form.emails.split(['\n', ',', ';']).map(str::trim);
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
    if i64::try_from(emails.len()).unwrap_or(i64::MAX) > MANY {
        return Err(Refusal::Field("invite-too-many"));
    }
    if !emails.is_empty() {
        let all = emails.into_iter().map(|email| invitation(Some(email), 1));
        return Ok(all.collect());
    }
    let uses = form.uses.trim().parse().ok();
    let uses = uses.filter(|uses| (1..=MANY).contains(uses));
    let uses = uses.ok_or(Refusal::Field("invite-uses-invalid"))?;
    Ok(vec![invitation(None, uses)])
}

/// Returns whether the invitations are for a group that does not exist. A failure of the database is reported when they are
/// created.
async fn is_unknown_group(state: &AppState, invitations: &[NewInvitation]) -> bool {
    let group = invitations.first().and_then(|invitation| invitation.group);
    let Some(group) = group else { return false };
    matches!(state.portal.store.find_group(group).await, Ok(None))
}

async fn create(
    state: &AppState,
    request: &MemberRequest,
    (invitations, language): (Vec<NewInvitation>, Locale),
    mailer: Option<&Mailer>,
    messages: &MessageCatalog,
) -> Result<InvitationsOutcome, StoreError> {
    let origin = state.config.origin();
    let mut links = Vec::new();
    let mut members = Vec::new();
    for invitation in invitations {
        let email = invitation.email.clone();
        if let Some(email) = &email
            && state.portal.store.find_credentials(email).await?.is_some()
        {
            members.push(email.as_str().to_owned());
            continue;
        }
        let token = state.portal.invite(invitation, &request.actor).await?;
        links.push((
            email,
            format!("{origin}/{language}/join/{}", token.as_str()),
        ));
    }
    let count = links.len().to_string();
    let mut text = messages.with("invite-created", &[("count", &count)]);
    if !members.is_empty() {
        let members = messages.with("invite-members", &[("addresses", &members.join(", "))]);
        text = format!("{text}. {members}");
    }
    if let Some(mailer) = mailer {
        let sent = send(state, mailer, language, &links, messages).await;
        text = format!("{text}. {sent}");
    }
    Ok(InvitationsOutcome {
        status: links.is_empty().then_some(StatusCode::CONFLICT),
        message: Some((!links.is_empty(), text)),
        links,
    })
}

/// Sends each link to its address, in a language. Returns what to say about it.
async fn send(
    state: &AppState,
    mailer: &Mailer,
    language: Locale,
    links: &[(Option<Email>, String)],
    messages: &MessageCatalog,
) -> String {
    let mails = links.iter().filter_map(|(email, link)| {
        let to = email.clone()?;
        Some(mail::invitation(state, language, to, link))
    });
    match mail::send_all(mailer, mails.collect()).await {
        MailsOutcome::Finished(failed) if failed.is_empty() => messages.get("invite-mail-sent"),
        MailsOutcome::Finished(failed) => {
            let failed: Vec<&str> = failed.iter().map(Email::as_str).collect();
            messages.with("invite-mail-not-sent", &[("addresses", &failed.join(", "))])
        }
        MailsOutcome::Unfinished => messages.get("invite-mail-unfinished"),
    }
}

async fn list(
    state: &AppState,
    page_request: PageRequest,
    form: InvitationForm,
    outcome: InvitationsOutcome,
) -> Response {
    let now = state.portal.clock.now();
    let invitations = match state.portal.store.list_invitations(now).await {
        Ok(invitations) => invitations,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let groups = match state.portal.store.list_groups().await {
        Ok(groups) => groups,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let can_send = state.mailer.is_some();
    let status = outcome.status.unwrap_or(StatusCode::OK);
    let is_closed = state.portal.settings.get().registration == Registration::Closed;
    let locales = state.locales();
    let view = move || {
        content(
            locale,
            &form,
            (&groups, &locales),
            (can_send, is_closed),
            &invitations,
            &outcome,
            &messages,
        )
    };
    page_with_status(state, page_request, "invitations", status, view).await
}

fn content(
    locale: Locale,
    form: &InvitationForm,
    choices: (&[Group], &[Locale]),
    (can_send, is_closed): (bool, bool),
    invitations: &[Invitation],
    outcome: &InvitationsOutcome,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let action = format!("/{locale}/admin/invitations");
    let rows = invitations
        .iter()
        .map(|invitation| row(&action, invitation, messages));
    let rows = rows.collect_view();
    let heads = [
        "for",
        "role",
        "group",
        "uses-left",
        "expires",
        "creator",
        "actions",
    ]
    .map(|name| view! { <th scope="col">{messages.get(&format!("invite-{name}"))}</th> });
    let table = match invitations.is_empty() {
        true => view! { <p class="quiet">{messages.get("invite-none")}</p> }.into_any(),
        false => view! {
            <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("admin-invitations")>
                <table class="portal-table">
                    <thead><tr>{heads.collect_view()}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any(),
    };
    let closed = is_closed.then(|| {
        view! { <p class="portal-problem" role="status">{messages.get("invite-closed")}</p> }
    });
    view! {
        {outcome_view(outcome.message.clone())}
        {closed}
        {links(&outcome.links, messages)}
        {creation_form((locale, action), form, choices, can_send, messages)}
        <h2>{messages.get("invite-list")}</h2>
        {table}
    }
}

/// Renders new links to be copied: each beside its address, and all together as CSV (RFC 4180).
fn links(links: &[(Option<Email>, String)], messages: &MessageCatalog) -> impl IntoView + use<> {
    let records = links.iter().map(|(email, link)| {
        let email = email.iter().map(|email| email.as_str().to_owned());
        email.chain([link.clone()]).collect()
    });
    let text = csv_lines(&records.collect::<Vec<_>>());
    (!links.is_empty()).then(|| {
        view! {
            <p>{messages.get("invite-once")}</p>
            <div class="code-block portal-link">
                <div><pre class="code" tabindex="0"><code>{text.trim_end().to_owned()}</code></pre></div>
                <CopyButton/>
            </div>
        }
    })
}

fn creation_form(
    (locale, action): (Locale, String),
    form: &InvitationForm,
    (groups, locales): (&[Group], &[Locale]),
    can_send: bool,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let note = match can_send {
        true => "invite-emails-note-mail",
        false => "invite-emails-note",
    };
    let send = can_send.then(|| {
        let is_chosen = form.send == "mail";
        view! {
            <p class="portal-wide">
                <label><input type="checkbox" name="send" value="mail" checked=is_chosen/>" "{messages.get("invite-send")}</label>
            </p>
        }
    });
    let roles = TeamRole::ALL.iter().rev().map(|role| {
        let name = role.as_str();
        view! { <option value=name selected=name == form.role>{messages.get(&format!("role-{name}"))}</option> }
    });
    let roles = roles.collect_view();
    let groups = groups.iter().map(|group| {
        let id = group.id.0.to_string();
        let is_chosen = id == form.group;
        view! { <option value=id selected=is_chosen>{group.name.as_str().to_owned()}</option> }
    });
    let groups = groups.collect_view();
    let chosen = Locale::parse(&form.language).unwrap_or(locale);
    let languages = locales.iter().map(|one| {
        view! { <option value=one.as_str() selected=*one == chosen>{one.name()}</option> }
    });
    let languages = languages.collect_view();
    let language = (locales.len() > 1).then(|| {
        view! {
            <p class="field">
                <label for="invite-language">{messages.get("invite-language")}</label>
                <select id="invite-language" name="language" aria-describedby="invite-language-note">{languages}</select>
                <span class="field-note" id="invite-language-note">{messages.get("invite-language-note")}</span>
            </p>
        }
    });
    // Leptos does not escape the text of a `<textarea>`. A browser removes the first line break.
    let emails = format!("\n{}", escape(&form.emails));
    let form_number = rand::random::<u64>().to_string();
    let days = DAYS.map(|days| {
        let text = messages.with("invite-days", &[("count", &days.to_string())]);
        view! { <option value=days.to_string() selected=days == form.days>{text}</option> }
    });
    view! {
        <form class="portal-form" method="post" action=action>
            <h2>{messages.get("invite-new")}</h2>
            <input type="hidden" name="form" value=form_number/>
            <p class="field">
                <label for="invite-role">{messages.get("invite-role")}</label>
                <select id="invite-role" name="role">{roles}</select>
            </p>
            <p class="field">
                <label for="invite-group">{messages.get("invite-group")}</label>
                <select id="invite-group" name="group">
                    <option value="">{messages.get("invite-no-group")}</option>
                    {groups}
                </select>
            </p>
            <p class="portal-wide quiet">{messages.get("roles-note")}</p>
            {language}
            <p class="field">
                <label for="invite-days">{messages.get("invite-valid")}</label>
                <select id="invite-days" name="days">{days.collect_view()}</select>
            </p>
            <p class="field">
                <label for="invite-uses">{messages.get("invite-uses")}</label>
                <input id="invite-uses" name="uses" inputmode="numeric" value=form.uses.clone() aria-describedby="invite-uses-note"/>
                <span class="field-note" id="invite-uses-note">{messages.get("invite-uses-note")}</span>
            </p>
            <p class="field portal-wide">
                <label for="invite-emails">{messages.get("invite-emails")}</label>
                <textarea id="invite-emails" name="emails" rows="4" aria-describedby="invite-emails-note" inner_html=emails></textarea>
                <span class="field-note" id="invite-emails-note">{messages.get(note)}</span>
            </p>
            {send}
            <p class="portal-wide"><button class="button primary" name="do" value="create">{messages.get("invite-submit")}</button></p>
        </form>
    }
}

fn row(action: &str, invitation: &Invitation, messages: &MessageCatalog) -> impl IntoView + use<> {
    let recipient = match &invitation.email {
        Some(email) => email.as_str().to_owned(),
        None => messages.get("invite-anybody"),
    };
    let creator = invitation.creator.clone();
    let creator = creator.unwrap_or_else(|| messages.get("invite-registered"));
    let revoke = messages.with("invite-revoke-for", &[("name", &recipient)]);
    view! {
        <tr>
            <td>{recipient}</td>
            <td>{messages.get(&format!("role-{}", invitation.role))}</td>
            <td>{invitation.group.clone()}</td>
            <td>{invitation.uses_left.to_string()}</td>
            <td>{time(invitation.expires)}</td>
            <td>{creator}</td>
            <td>
                <form class="portal-row-form" method="post" action=action.to_owned()>
                    <input type="hidden" name="id" value=invitation.id.to_string()/>
                    <button class="link-button" name="do" value="revoke" aria-label=revoke>{messages.get("invite-revoke")}</button>
                </form>
            </td>
        </tr>
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
        let found = invitations(
            &form(
                " a@example.com\r\n\"Kim B\" <B@example.com>; b@example.com,",
                "9",
            ),
            0,
        );
        let found = found.expect("a list");
        let emails: Vec<_> = found
            .iter()
            .map(|one| (one.email.as_ref().map(Email::as_str), one.uses))
            .collect();
        assert_eq!(
            emails,
            [(Some("a@example.com"), 1), (Some("B@example.com"), 1)]
        );
        let found = invitations(&form("", "20"), 5).expect("a link");
        assert_eq!((found[0].uses, found[0].expires), (20, 5 + 7 * DAY));
        let address = Refusal::Address("nobody".to_owned());
        let refused = |form| invitations(&form, 0).expect_err("refused");
        assert_eq!(refused(form("a@example.com\nnobody", "1")), address);
        for uses in ["", "0", "501", "-1", "x"] {
            let expected = Refusal::Field("invite-uses-invalid");
            assert_eq!(refused(form("", uses)), expected, "{uses}");
        }
        let many: String = (0..501).map(|n| format!("u{n}@example.com\n")).collect();
        assert_eq!(refused(form(&many, "1")), Refusal::Field("invite-too-many"));
    }
}
