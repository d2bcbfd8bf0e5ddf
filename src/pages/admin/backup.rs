//! `/{lang}/admin/backup`: when the last backup was made, and the commands that make one and restore it.

use std::path;

use axum::extract::State;
use axum::response::Response;
use leptos::prelude::*;

use crate::islands::copy_button::CopyButton;
use crate::model::messages::MessageCatalog;
use crate::pages::admin::page;
use crate::pages::notice;
use crate::pages::signed_in::AdminRequest;
use crate::pages::time::time;
use crate::portal::store::backup::Backup;
use crate::state::AppState;

/// The age from which on a backup is too old, in milliseconds: a week.
const OLD: i64 = 7 * 24 * 60 * 60 * 1000;

/// Handles `GET /{lang}/admin/backup`.
pub(super) async fn show(
    State(state): State<AppState>,
    AdminRequest(request): AdminRequest,
) -> Response {
    let last = match state.portal.store.last_backup().await {
        Ok(last) => last,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let messages = state.i18n.messages(request.page.locale).clone();
    let now = state.portal.clock.now();
    let file = state.config.portal_file();
    let ([make, restore], restore_note) = match file {
        Some(file) => {
            // The commands may run in another folder.
            let absolute = path::absolute(&file).unwrap_or(file);
            let commands = sqlite_commands(&absolute.to_string_lossy());
            (commands, "backup-restore-sqlite")
        }
        None => (postgres_commands(), "backup-restore-postgres"),
    };
    let view = move || {
        view! {
            <section class="portal-section">
                <h2>{messages.get("backup-last")}</h2>
                {last_view(last.as_ref(), now, &messages)}
            </section>
            <section class="portal-section">
                <h2>{messages.get("backup-make")}</h2>
                <p>{messages.get("backup-make-note")}</p>
                {command(make.clone())}
            </section>
            <section class="portal-section">
                <h2>{messages.get("backup-restore")}</h2>
                <p>{messages.get(restore_note)}</p>
                {command(restore.clone())}
            </section>
        }
    };
    page(&state, request.page, "backup", view).await
}

/// Returns the commands that make a backup and restore it.
fn sqlite_commands(file: &str) -> [String; 2] {
    let file = shell_word(file);
    [
        format!("routebook backup --database sqlite:{file} backup-$(date +%F).db"),
        format!("routebook restore --database sqlite:{file} --force BACKUP"),
    ]
}

/// The address of the database contains a password, so the commands read it from the environment.
fn postgres_commands() -> [String; 2] {
    [
        "pg_dump --format=custom --schema=portal --file=backup-$(date +%F).dump \"$ROUTEBOOK_DATABASE\" &&\n\
         routebook backup --record backup-$(date +%F).dump"
            .to_owned(),
        "pg_restore --clean --if-exists --single-transaction --dbname=\"$ROUTEBOOK_DATABASE\" BACKUP"
            .to_owned(),
    ]
}

/// Returns a word of a shell command.
fn shell_word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte);
    match text.bytes().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

fn last_view(last: Option<&Backup>, now: i64, messages: &MessageCatalog) -> AnyView {
    let Some(last) = last else {
        let text = messages.get("backup-none");
        return view! { <p class="portal-problem" role="status">{text}</p> }.into_any();
    };
    let old = (now - last.at > OLD).then(|| {
        let text = messages.get("backup-old");
        view! { <p class="portal-problem" role="status">{text}</p> }
    });
    let size = size(last.size);
    view! {
        {old}
        <p>{time(last.at)}</p>
        <p class="quiet"><code>{last.name.clone()}</code>", "{size}</p>
    }
    .into_any()
}

/// Returns a size in the unit in which it is a short number.
fn size(bytes: i64) -> String {
    match bytes {
        ..1_000_000 => format!("{} kB", (bytes + 999) / 1000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn command(text: String) -> impl IntoView {
    view! {
        <div class="code-block portal-link">
            <div><pre class="code" tabindex="0"><code>{text}</code></pre></div>
            <CopyButton/>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_one_word_of_the_command() {
        assert_eq!(shell_word("./data/portal.db"), "./data/portal.db");
        assert_eq!(shell_word("/a b/it's.db"), "'/a b/it'\\''s.db'");
        assert_eq!(shell_word("$(x)"), "'$(x)'");
    }

    #[test]
    fn size_has_a_unit() {
        let sizes = [1, 1000, 999_999, 1_250_000, 3_000_000_000].map(size);
        assert_eq!(sizes, ["1 kB", "1 kB", "1000 kB", "1.2 MB", "3000.0 MB"]);
    }
}
