//! The open invitations, and the question before one is revoked.

use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::list_page::{ListPage, page_address};
use crate::pages::question::{QuestionForm, question_form};
use crate::pages::time::time;
use crate::portal::store::invitation::Invitation;

/// Returns for whom an invitation is.
fn recipient(invitation: &Invitation, messages: &MessageCatalog) -> String {
    match &invitation.email {
        Some(email) => email.as_str().to_owned(),
        None => messages.get("invite-anybody"),
    }
}

/// Renders the question before an invitation is revoked, at an address of the list.
pub(super) fn question(
    address: &str,
    invitation: &Invitation,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let name = recipient(invitation, messages);
    let question = QuestionForm {
        text: messages.with("invite-revoke-ask", &[("name", &name)]),
        address: address.to_owned(),
        cancel: address.to_owned(),
        values: vec![("id", invitation.id.to_string())],
        action: "revoke",
        button: messages.get("invite-revoke-really"),
        ..QuestionForm::default()
    };
    question_form(question, messages)
}

/// Renders a page of the list.
pub(super) fn list(
    locale: Locale,
    address: &str,
    page: ListPage,
    invitations: &[Invitation],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    if invitations.is_empty() {
        return view! { <p class="quiet">{messages.get("invite-none")}</p> }.into_any();
    }
    let rows = invitations
        .iter()
        .map(|invitation| row(address, invitation, messages));
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
    let path = format!("/{locale}/admin/invitations");
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("admin-invitations")>
            <table class="portal-table portal-cards">
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {page.links(|number| page_address(&path, number), messages)}
    }
    .into_any()
}

fn row(address: &str, invitation: &Invitation, messages: &MessageCatalog) -> impl IntoView + use<> {
    let recipient = recipient(invitation, messages);
    let creator = invitation.creator.clone();
    let creator = creator.unwrap_or_else(|| messages.get("invite-registered"));
    let revoke = messages.with("invite-revoke-for", &[("name", &recipient)]);
    let label = |name: &str| messages.get(&format!("invite-{name}"));
    view! {
        <tr>
            <td>{recipient}</td>
            <td data-label=label("role")>{messages.get(&format!("role-{}", invitation.role))}</td>
            <td data-label=label("group")>{invitation.group.clone()}</td>
            <td data-label=label("uses-left")>{invitation.uses_left.to_string()}</td>
            <td data-label=label("expires")>{time(invitation.expires)}</td>
            <td data-label=label("creator")>{creator}</td>
            <td data-label=label("actions")>
                <form class="portal-row-form" method="post" action=address.to_owned()>
                    <input type="hidden" name="id" value=invitation.id.to_string()/>
                    <button class="link-button" name="do" value="revoke" aria-label=revoke>{messages.get("invite-revoke")}</button>
                </form>
            </td>
        </tr>
    }
}
