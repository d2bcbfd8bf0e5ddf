//! `/{lang}/admin/invitations`: links with which people create accounts, one or many at once.

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use leptos::prelude::*;

use crate::csv_text::csv_lines;
use crate::islands::copy_button::CopyButton;
use crate::model::messages::MessageCatalog;
use crate::model::user::Email;
use crate::pages::admin::invitation_form::{Choices, InvitationForm, Refusal, form_view};
use crate::pages::admin::{invitation_list, outcome_view, page_with_status};
use crate::pages::list_page::{ListPage, done_address, done_in, page_address, page_number};
use crate::pages::mail::{self, InvitationMail, MailsOutcome};
use crate::pages::meta::PageRequest;
use crate::pages::notice;
use crate::pages::signed_in::{AdminRequest, MemberRequest};
use crate::portal::store::StoreError;
use crate::portal::store::invitation::{CreateInvitationsError, Invitation};
use crate::portal::{Mailer, Registration};
use crate::state::AppState;

/// What was done, named in the address of the page that says it, after an invitation was revoked.
const REVOKED: &str = "revoked";

/// What becomes of a form.
enum InvitationResult {
    /// An invitation was revoked. The page says it after a redirect.
    Revoked,
    /// The page is shown with this, and with the form as it was typed or for the next invitation.
    Page(Box<InvitationsOutcome>, Box<InvitationForm>),
}

/// What is shown with the form and the list.
#[derive(Clone, Default)]
struct InvitationsOutcome {
    /// Whether something was done, and what, or why not.
    message: Option<(bool, String)>,
    /// The status, unless it is 200.
    status: Option<StatusCode>,
    /// Why the form was refused.
    refusal: Option<Refusal>,
    /// The new links, each with the address that it is for. They are shown once.
    links: Vec<(Option<Email>, String)>,
    /// The invitation to revoke, when that is asked.
    question: Option<Invitation>,
}

impl InvitationsOutcome {
    /// Returns what is shown when nothing was done.
    fn refused(status: StatusCode, text: String) -> InvitationsOutcome {
        InvitationsOutcome {
            message: Some((false, text)),
            status: Some(status),
            ..InvitationsOutcome::default()
        }
    }

    /// Returns what is shown when the form was refused.
    fn refused_form(
        status: StatusCode,
        refusal: Refusal,
        messages: &MessageCatalog,
    ) -> InvitationsOutcome {
        InvitationsOutcome {
            message: refusal.message(messages).map(|text| (false, text)),
            status: Some(status),
            refusal: Some(refusal),
            ..InvitationsOutcome::default()
        }
    }
}

/// Handles `GET /{lang}/admin/invitations`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.as_deref();
    let messages = state.i18n.messages(request.page.locale);
    let is_revoked = done_in(query) == REVOKED;
    let outcome = InvitationsOutcome {
        message: is_revoked.then(|| (true, messages.get("invite-revoked"))),
        ..InvitationsOutcome::default()
    };
    let form = InvitationForm::default();
    page(&state, request.page, page_number(query), form, outcome).await
}

/// Handles `POST /{lang}/admin/invitations`.
pub(super) async fn submit(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
    RawQuery(query): RawQuery,
    form: Result<Form<InvitationForm>, FormRejection>,
) -> Response {
    let number = page_number(query.as_deref());
    let messages = state.i18n.messages(request.page.locale).clone();
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) => {
            let text = messages.get("login-unreadable");
            let outcome = InvitationsOutcome::refused(rejection.status(), text);
            let form = InvitationForm::default();
            return page(&state, request.page, number, form, outcome).await;
        }
    };
    let result = match form.action.as_str() {
        "create" => create(&state, &request, form, &messages).await,
        "revoke" => revoke(&state, &request, form, &messages).await,
        _ => {
            let text = messages.get("login-unreadable");
            let outcome = InvitationsOutcome::refused(StatusCode::UNPROCESSABLE_ENTITY, text);
            Ok(InvitationResult::Page(Box::new(outcome), Box::new(form)))
        }
    };
    match result {
        Ok(InvitationResult::Revoked) => {
            let path = format!("/{}/admin/invitations", request.page.locale);
            Redirect::to(&done_address(&path, number, REVOKED)).into_response()
        }
        Ok(InvitationResult::Page(outcome, form)) => {
            page(&state, request.page, number, *form, *outcome).await
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Creates the invitations that a form asks for, all or none, and sends them if it asks for that.
async fn create(
    state: &AppState,
    request: &MemberRequest,
    form: InvitationForm,
    messages: &MessageCatalog,
) -> Result<InvitationResult, StoreError> {
    let shown = |outcome, form| Ok(InvitationResult::Page(Box::new(outcome), Box::new(form)));
    let invitations = match form.invitations(state.portal.clock.now()) {
        Ok(invitations) => invitations,
        Err(refusal) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let outcome = InvitationsOutcome::refused_form(status, refusal, messages);
            return shown(outcome, form);
        }
    };
    if !state.portal.is_first_use_of_form(&form.form) {
        let text = messages.get("invite-sent-again");
        let outcome = InvitationsOutcome::refused(StatusCode::CONFLICT, text);
        return shown(outcome, form.next());
    }
    let mailer = state.mailer.as_ref().filter(|_| form.send == "mail");
    if let Some(mailer) = mailer
        && let Err(cause) = mailer.check().await
    {
        // Nothing was created, so the same form can be sent again. The same holds below.
        state.portal.forget_form(&form.form);
        tracing::error!(%cause, "the mail server does not answer");
        let text = messages.get("invite-mail-failed");
        let outcome = InvitationsOutcome::refused(StatusCode::SERVICE_UNAVAILABLE, text);
        return shown(outcome, form);
    }
    // All of them are alike but for the address.
    let first = invitations.first().cloned();
    let created = match state.portal.invite(invitations, &request.actor).await {
        Ok(created) => created,
        Err(CreateInvitationsError::NoGroup) => {
            state.portal.forget_form(&form.form);
            let status = StatusCode::CONFLICT;
            let outcome = InvitationsOutcome::refused_form(status, Refusal::NoGroup, messages);
            return shown(outcome, form);
        }
        Err(CreateInvitationsError::Store(cause)) => {
            state.portal.forget_form(&form.form);
            return Err(cause);
        }
    };
    let (origin, language) = (state.config.origin(), form.language(request.page.locale));
    let links = created.links.into_iter().map(|(email, token)| {
        let link = format!("{origin}/{language}/join/{}", token.as_str());
        (email, link)
    });
    let links: Vec<(Option<Email>, String)> = links.collect();
    let count = links.len().to_string();
    let mut text = messages.with("invite-created", &[("count", &count)]);
    if !created.members.is_empty() {
        let members: Vec<&str> = created.members.iter().map(Email::as_str).collect();
        let members = messages.with("invite-members", &[("addresses", &members.join(", "))]);
        text = format!("{text}. {members}");
    }
    if let (Some(mailer), Some(invitation)) = (mailer, first) {
        let mail = InvitationMail {
            language,
            inviter: request.viewer.name.as_str(),
            role: invitation.role,
            expires: invitation.expires,
        };
        let sent = send(state, mailer, &mail, &links, messages).await;
        text = format!("{text}. {sent}");
    }
    let outcome = InvitationsOutcome {
        status: links.is_empty().then_some(StatusCode::CONFLICT),
        message: Some((!links.is_empty(), text)),
        links,
        ..InvitationsOutcome::default()
    };
    shown(outcome, form.next())
}

/// Sends each link to its address. Returns what to say about it.
async fn send(
    state: &AppState,
    mailer: &Mailer,
    invitation: &InvitationMail<'_>,
    links: &[(Option<Email>, String)],
    messages: &MessageCatalog,
) -> String {
    let mails = links.iter().filter_map(|(email, link)| {
        let to = email.clone()?;
        Some(mail::invitation(state, invitation, to, link))
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

/// Revokes an invitation, after a question.
async fn revoke(
    state: &AppState,
    request: &MemberRequest,
    form: InvitationForm,
    messages: &MessageCatalog,
) -> Result<InvitationResult, StoreError> {
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let shown = |outcome| {
        let form = InvitationForm::default();
        Ok(InvitationResult::Page(Box::new(outcome), Box::new(form)))
    };
    let is_known = match form.confirm.as_str() {
        "yes" => {
            store
                .revoke_invitation(form.id, &request.actor, now)
                .await?
        }
        _ => match store.find_listed_invitation(form.id, now).await? {
            Some(invitation) => {
                return shown(InvitationsOutcome {
                    question: Some(invitation),
                    ..InvitationsOutcome::default()
                });
            }
            None => false,
        },
    };
    match is_known {
        true => Ok(InvitationResult::Revoked),
        false => {
            let text = messages.get("invite-not-open");
            shown(InvitationsOutcome::refused(StatusCode::CONFLICT, text))
        }
    }
}

async fn page(
    state: &AppState,
    page_request: PageRequest,
    number: i64,
    form: InvitationForm,
    outcome: InvitationsOutcome,
) -> Response {
    let (page, invitations, choices) = match load(state, number).await {
        Ok(loaded) => loaded,
        Err(cause) => return notice::unavailable(state, page_request, &cause).await,
    };
    let locale = page_request.locale;
    let messages = state.i18n.messages(locale).clone();
    let status = outcome.status.unwrap_or(StatusCode::OK);
    let is_closed = state.portal.settings.get().registration == Registration::Closed;
    let view = move || {
        let path = format!("/{locale}/admin/invitations");
        let address = page_address(&path, page.number());
        let closed = is_closed.then(|| {
            view! { <p class="portal-problem" role="status">{messages.get("invite-closed")}</p> }
        });
        let question = outcome.question.as_ref();
        let question = question.map(|one| invitation_list::question(&address, one, &messages));
        view! {
            {outcome_view(outcome.message.clone())}
            {question}
            {closed}
            {links(&outcome.links, &messages)}
            {form_view(locale, &form, outcome.refusal.as_ref(), &choices, &messages)}
            <h2>{messages.get("invite-list")}</h2>
            {invitation_list::list(locale, &address, page, &invitations, &messages)}
        }
    };
    page_with_status(state, page_request, "invitations", status, view).await
}

/// Reads a page of the open invitations, and what can be chosen for new ones.
async fn load(
    state: &AppState,
    number: i64,
) -> Result<(ListPage, Vec<Invitation>, Choices), StoreError> {
    let (store, now) = (&state.portal.store, state.portal.clock.now());
    let page = ListPage::of(number, store.count_invitations(now).await?);
    let invitations = store.list_invitations(now, page.range()).await?;
    let choices = Choices {
        groups: store.list_groups().await?,
        locales: state.locales(),
        can_send: state.mailer.is_some(),
    };
    Ok((page, invitations, choices))
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
