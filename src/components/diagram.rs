//! The diagrams of lessons. They are drawn with HTML and CSS, so that their text wraps on small screens and
//! is read aloud in order.

use leptos::prelude::*;

use crate::components::StatusLine;
use crate::model::diagram::{Check, Diagram, MessagePart, SequenceMessage};
use crate::model::messages::MessageCatalog;

/// A diagram.
#[component]
pub fn DiagramView(
    /// What is drawn.
    diagram: Diagram,
    /// The messages with the prefix `diagram-`.
    messages: MessageCatalog,
) -> impl IntoView {
    match diagram {
        Diagram::Checks { checks, success } => checks_view(checks, success, &messages).into_any(),
        Diagram::Message(parts) => message_view(parts).into_any(),
        Diagram::Sequence {
            participants,
            messages,
        } => sequence_view(participants, messages).into_any(),
    }
}

/// Checks from top to bottom; the way out of each is at its side.
fn checks_view(
    checks: Vec<Check>,
    success: u16,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let (yes, no) = (messages.get("diagram-yes"), messages.get("diagram-no"));
    let checks = checks
        .into_iter()
        .map(|check| {
            view! {
                <li class="diagram-check">
                    <span class="diagram-question">{check.question}</span>
                    <span class="diagram-answer diagram-no">{no.clone()}</span>
                    <span class="diagram-status"><StatusLine status=check.failure/></span>
                    <span class="diagram-answer diagram-yes">{yes.clone()}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <figure class="diagram">
            <ol class="diagram-checks">
                {checks}
                <li class="diagram-status"><StatusLine status=success/></li>
            </ol>
        </figure>
    }
}

/// The parts of a message, each with its name beside it.
fn message_view(parts: Vec<MessagePart>) -> impl IntoView {
    let parts = parts
        .into_iter()
        .map(|part| {
            let lines = part.lines.join("\n");
            view! {
                <div class="diagram-part">
                    <dt>{part.name}</dt>
                    <dd><pre>{lines}</pre></dd>
                </div>
            }
        })
        .collect_view();
    view! { <figure class="diagram"><dl class="diagram-message">{parts}</dl></figure> }
}

/// Messages from top to bottom as arrows between the lines of the participants. The names of the sender and of the
/// recipient of each are read aloud before it; the picture shows them once.
fn sequence_view(participants: Vec<String>, messages: Vec<SequenceMessage>) -> impl IntoView {
    let names = participants
        .iter()
        .map(|name| view! { <span>{name.clone()}</span> });
    let names = names.collect_view();
    let messages = messages
        .into_iter()
        .map(|message| {
            let SequenceMessage { from, to, text } = message;
            let ends = format!("{} → {}: ", participants[from], participants[to]);
            let span = format!("{}-{}", from.min(to) + 1, from.max(to) + 1);
            let is_back = (to < from).then_some("");
            view! {
                <li data-span=span data-back=is_back><span class="visually-hidden">{ends}</span>{text}</li>
            }
        })
        .collect_view();
    view! {
        <figure class="diagram diagram-sequence" data-participants=participants.len().to_string()>
            <div class="diagram-participants" aria-hidden="true">{names}</div>
            <ol>{messages}</ol>
        </figure>
    }
}
