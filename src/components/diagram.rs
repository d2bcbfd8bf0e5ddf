//! The diagrams of lessons. They are drawn with HTML and CSS, so that their text wraps on small screens and
//! is read aloud in order.

use leptos::prelude::*;

use crate::components::StatusLine;
use crate::model::diagram::{Check, Diagram, MessagePart};
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
