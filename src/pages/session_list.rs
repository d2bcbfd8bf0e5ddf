//! The sessions of an account, as its owner and admins see them.

use leptos::prelude::*;

use crate::model::messages::MessageCatalog;
use crate::pages::time::time;
use crate::portal::store::member::OwnSession;

/// Renders a session with the button that ends it; `is_own` is that of the request, which a logout ends.
pub(super) fn session_row(
    action: &str,
    session: &OwnSession,
    is_own: bool,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let reference = session.reference.as_str().to_owned();
    let end = match is_own {
        true => view! { <span class="portal-badge">{messages.get("account-session-own")}</span> }.into_any(),
        false => view! {
            <form method="post" action=action.to_owned()>
                <input type="hidden" name="session" value=reference/>
                <button class="link-button" name="do" value="end-session">{messages.get("account-session-end")}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <li>
            <div>
                <strong>{device_name(session, messages)}</strong>
                <p class="quiet">{session.address.clone().unwrap_or_default()}" · "{messages.get("account-seen")}" "{time(session.seen)}</p>
            </div>
            {end}
        </li>
    }
}

/// Returns what the device of a session is called.
pub(super) fn device_name(session: &OwnSession, messages: &MessageCatalog) -> String {
    let agent = session.agent.as_deref();
    agent.map_or_else(|| messages.get("account-device"), device)
}

/// Returns the browser and the system that a `User-Agent` field names, or its beginning.
fn device(agent: &str) -> String {
    let find = |names: &[(&str, &'static str)]| {
        let found = names.iter().find(|(part, _)| agent.contains(part));
        found.map(|(_, name)| *name)
    };
    let browser = find(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = find(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_is_named_by_browser_and_system() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox, Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36",
                "Chrome, Android",
            ),
            ("curl/8.14.1", "curl"),
            ("something else", "something else"),
        ] {
            assert_eq!(device(agent), name);
        }
    }
}
