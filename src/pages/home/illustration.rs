//! The drawing on the front page: a request, what the server does with it, and the row that it adds.

use leptos::prelude::*;

use crate::components::{MethodBadge, StatusLine};
use crate::model::messages::MessageCatalog;

/// Renders three cards, one after the other, which appear once. Assistive technology reads one sentence instead.
pub(super) fn illustration(messages: &MessageCatalog) -> impl IntoView + use<> {
    let steps = [
        ("home-step-json", "loop-bar loop-bar-json"),
        ("home-step-valid", "loop-bar loop-bar-valid"),
        ("home-step-insert", "loop-bar loop-bar-insert"),
    ];
    let steps = steps.map(|(key, bar)| {
        view! {
            <li>
                <span class="loop-mark">"✓"</span><span>{messages.get(key)}</span>
                <span class=bar></span>
            </li>
        }
    });
    let rows = [
        ("11", "한소희", "member"),
        ("12", "Margaret Hamilton", "admin"),
    ];
    let rows =
        rows.map(|(id, name, role)| view! { <tr><td>{id}</td><td>{name}</td><td>{role}</td></tr> });
    view! {
        <figure class="loop" role="img" aria-label=messages.get("home-illustration")>
            <div class="loop-card" aria-hidden="true">
                <p class="loop-title">{messages.get("home-loop-request")}</p>
                <p class="loop-line"><MethodBadge method="POST"/><code>"/api/users"</code></p>
                <pre class="loop-code"><span class="tok-operator">"{ "</span><span class="tok-key">"\"name\""</span>": "<span class="tok-string">"\"Radia Perlman\""</span>",\n  "<span class="tok-key">"\"email\""</span>": "<span class="tok-string">"\"radia@example.com\""</span><span class="tok-operator">" }"</span></pre>
            </div>
            <div class="loop-card" aria-hidden="true">
                <p class="loop-title">{messages.get("home-loop-server")}<StatusLine status=201/></p>
                <ul class="loop-steps">{steps}</ul>
            </div>
            <div class="loop-card" aria-hidden="true">
                <p class="loop-title">{messages.get("home-loop-data")}</p>
                <table class="loop-table"><tbody>
                    {rows}
                    <tr class="loop-added"><td>"13"</td><td>"Radia Perlman"</td><td>"member"</td></tr>
                </tbody></table>
            </div>
        </figure>
    }
}
