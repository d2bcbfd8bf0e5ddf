//! The sessions of an account, as its owner and admins see them.

use leptos::prelude::*;

use crate::model::messages::MessageCatalog;
use crate::pages::time::time;
use crate::portal::store::member::OwnSession;
use crate::portal::store::session::SessionIdHash;

/// Renders a session with the button that ends it; `is_own` is that of the request, which a logout ends.
pub(super) fn session_row(
    action: &str,
    session: &OwnSession,
    is_own: bool,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let agent = session
        .agent
        .as_deref()
        .map_or_else(|| messages.get("account-device"), device);
    let hash: String = session
        .id_hash
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let end = match is_own {
        true => view! { <span class="portal-badge">{messages.get("account-session-own")}</span> }.into_any(),
        false => view! {
            <form method="post" action=action.to_owned()>
                <input type="hidden" name="session" value=hash/>
                <button class="link-button" name="do" value="end-session">{messages.get("account-session-end")}</button>
            </form>
        }
        .into_any(),
    };
    view! {
        <li>
            <div>
                <strong>{agent}</strong>
                <p class="quiet">{session.address.clone().unwrap_or_default()}" · "{messages.get("account-seen")}" "{time(session.seen)}</p>
            </div>
            {end}
        </li>
    }
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

/// Parses the hash of the id of a session, as the form contains it.
pub(super) fn parse_hash(text: &str) -> Option<SessionIdHash> {
    let digits = text.as_bytes().chunks_exact(2);
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let bytes: Option<Vec<u8>> = digits.map(byte).collect();
    bytes?.try_into().ok()
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

    #[test]
    fn hash_in_a_form_is_read_back() {
        let hash: SessionIdHash = std::array::from_fn(|at| at as u8 * 7);
        let text: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(parse_hash(&text), Some(hash));
        for wrong in ["", "00", "zz", &"0".repeat(66)] {
            assert_eq!(parse_hash(wrong), None, "{wrong}");
        }
    }
}
