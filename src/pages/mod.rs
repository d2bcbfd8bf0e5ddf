//! Routes and full pages. Each page is one axum handler that renders one Leptos view.
//!
//! axum does the routing, so that status codes, redirects and locales are decided before anything is
//! rendered. The views use no Leptos resources, so the inline scripts of a page are constant.

mod account;
mod actor;
mod admin;
mod api_client;
mod assessment;
mod attachment;
mod card;
mod data_panel;
mod day;
mod download;
mod draft;
mod draft_link;
mod email_form;
mod enrolment;
mod exchange;
mod exercise;
mod extract;
mod forgot;
mod form_action;
mod form_field;
mod glossary;
mod home;
mod layout;
mod learn;
mod learner;
mod lesson;
mod lesson_markdown;
mod list_page;
mod locale;
mod login;
mod logout;
mod mail;
mod member_lesson;
mod member_progress;
mod member_sandbox;
mod messages;
mod meta;
mod new_account;
mod not_found;
mod notice;
mod palette;
mod passkey;
mod pending_login;
mod placeholder_values;
mod print;
mod problem;
mod progress;
mod question;
mod quiz;
mod quiz_state;
mod reference;
mod register;
mod render;
mod script_file;
mod search;
mod section;
mod session_list;
mod shell;
mod sign_in;
mod signed_in;
mod site_files;
mod social_image;
mod team;
mod time;
mod try_request;
mod visitor;

use std::borrow::Cow;

use axum::Router;
use axum::routing::{get, post};

use crate::state::AppState;

pub use lesson_markdown::accepts_markdown;
pub use locale::preferred_locale;
pub use login::login_required;
pub use member_sandbox::delete_left_sandboxes;
pub use render::initialize;

/// Returns a path as it may stand in a log: the secret of a link that was sent to somebody is left out.
pub fn path_without_secret(path: &str) -> Cow<'_, str> {
    let mut segments = path.splitn(4, '/').skip(1);
    match (segments.next(), segments.next(), segments.next()) {
        (Some(locale), Some(page @ ("join" | "reset" | "confirm-email")), Some(_)) => {
            format!("/{locale}/{page}/…").into()
        }
        _ => path.into(),
    }
}

/// Returns the routes of all pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(locale::redirect_to_locale))
        .route("/{lang}", get(home::show))
        .route(
            "/{lang}/data",
            get(data_panel::show).post(data_panel::submit),
        )
        .merge(account::routes())
        .route("/{lang}/forgot", get(forgot::show).post(forgot::submit))
        .route(
            "/{lang}/join/{token}",
            get(new_account::show_join).post(new_account::submit_join),
        )
        .route(
            "/{lang}/reset/{token}",
            get(new_account::show_reset).post(new_account::submit_reset),
        )
        .route(
            "/{lang}/register",
            get(register::show).post(register::submit),
        )
        .merge(admin::routes())
        .route("/{lang}/login", get(login::show).post(login::submit))
        .route("/scripts/{hash}/passkey.js", get(passkey::script))
        .route("/scripts/{hash}/time.js", get(time::script))
        .route("/{lang}/login/passkey", post(passkey::log_in))
        .route(
            "/{lang}/login/passkey/options",
            post(passkey::login_options),
        )
        .route("/login/callback", get(login::callback))
        .route("/{lang}/login/provider", post(login::begin_with_provider))
        .route(
            "/{lang}/login/code",
            get(login::show_code).post(login::submit_code),
        )
        .route("/{lang}/logout", post(logout::submit))
        .route("/{lang}/messages/{hash}", get(messages::show))
        .route("/{lang}/palette", get(palette::show))
        .route("/{lang}/exchanges/{id}", get(exchange::show))
        .route(
            "/{lang}/exercises/{id}",
            get(exercise::show).post(exercise::submit),
        )
        .route("/{lang}/quizzes/{id}", get(quiz::show).post(quiz::submit))
        .route("/{lang}/progress", post(progress::submit))
        .route("/{lang}/learn", get(learn::show))
        .route(
            "/{lang}/learn/certificate/{section}",
            get(learn::show_certificate),
        )
        .merge(team::routes())
        .route(
            "/{lang}/playground",
            get(reference::index).post(reference::submit),
        )
        .route("/{lang}/try", post(try_request::submit))
        .route("/{lang}/playground/{operation}", get(reference::show))
        .route("/{lang}/print/{section}", get(print::show))
        .route("/{lang}/llms.txt", get(site_files::llms))
        .route("/{lang}/llms-full.txt", get(site_files::llms_full))
        .route("/{lang}/search", get(search::show))
        .route("/{lang}/glossary", get(glossary::show))
        .route("/{lang}/{section}", get(section::show))
        .route("/{lang}/{section}/{slug}", get(lesson::show))
        .route("/problems/{slug}", get(problem::show))
        .route("/robots.txt", get(site_files::robots))
        .route("/sitemap.xml", get(site_files::sitemap))
        .fallback(not_found::fallback)
}

#[cfg(test)]
mod tests {
    use crate::content::RESERVED_SLUGS;

    #[test]
    fn first_segments_of_routes_are_reserved_section_names() {
        let paths = include_str!("mod.rs").split("\"/{lang}/").skip(1);
        let names: Vec<&str> = paths
            .filter_map(|rest| rest.split(['/', '"']).next())
            .filter(|name| !name.is_empty() && !name.starts_with('{'))
            .collect();
        assert!(names.len() > 6, "{names:?}");
        for name in names {
            assert!(RESERVED_SLUGS.contains(&name), "{name}");
        }
    }
}
