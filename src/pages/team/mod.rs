//! The pages of the team: what its members have done, where they stop, and who is at work now. Admins see the whole team, mentors
//! the members of their groups.

mod assignments;
mod course;
mod export;
mod lessons;
mod live;
mod member;
mod overview;
mod stuck;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header::CACHE_CONTROL;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use leptos::prelude::*;

use crate::model::account::{AccountId, TeamRole};
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::list_page::ListPage;
use crate::pages::meta::{PageMeta, PageRequest};
use crate::pages::render::render;
use crate::pages::signed_in::{MemberRequest, MentorRequest};
use crate::pages::time::time_ago;
use crate::pages::{not_found, notice};
use crate::portal::store::StoreError;
use crate::portal::store::assignment::TeamMentor;
use crate::portal::store::group::{Group, GroupId};
use crate::portal::store::team::{TEAM_PAGE, TeamView};
use crate::state::{AppState, StyleSheet};

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;
/// Who has tried an exercise in vain counts as stuck for this time: a week, in milliseconds.
const STUCK_TIME: i64 = 7 * DAY;
/// Who was not there for this time is quiet: two weeks, in milliseconds.
const QUIET_TIME: i64 = 14 * DAY;

/// The pages, by the last segment of their paths. The first one is the team's own.
const PAGES: [&str; 5] = ["", "lessons", "stuck", "assignments", "live"];

/// Returns the routes of the pages of the team.
pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/{lang}/team", get(overview::show))
        .route("/{lang}/team/lessons", get(lessons::show))
        .route("/{lang}/team/stuck", get(stuck::show).post(stuck::answer))
        .route(
            "/{lang}/team/assignments",
            get(assignments::show).post(assignments::submit),
        )
        .route("/{lang}/team/live", get(live::show))
        .route("/{lang}/team/live.js", get(live::script))
        .route("/{lang}/team/live/events", get(live::events))
        .route("/{lang}/team/members/{id}", get(member::show))
        .route("/{lang}/team/progress.csv", get(export::csv))
}

/// What a viewer sees of the team, and the groups among which to choose.
#[derive(Clone)]
struct TeamAccess {
    mentor: TeamMentor,
    /// How many questions wait for an answer.
    open_questions: i64,
    /// The groups that the viewer may choose, by name.
    groups: Vec<(GroupId, String)>,
}

impl TeamAccess {
    async fn of(state: &AppState, request: &MemberRequest) -> Result<TeamAccess, StoreError> {
        let viewer = &request.viewer;
        TeamAccess::of_account(state, viewer.account, viewer.role).await
    }

    async fn of_account(
        state: &AppState,
        account: AccountId,
        role: TeamRole,
    ) -> Result<TeamAccess, StoreError> {
        let store = &state.portal.store;
        let mentor = store.team_mentor(account, role).await?;
        let groups = match mentor.is_whole_team {
            true => store.list_groups().await?,
            false => store.list_groups_of(account).await?,
        };
        let name = |group: &Group| (group.id, group.name.as_str().to_owned());
        let groups = groups.iter().map(name).collect();
        let (_, open_questions) = store.list_team_help(mentor, false, (0, 0)).await?;
        Ok(TeamAccess {
            mentor,
            open_questions,
            groups,
        })
    }

    /// Returns the view without a chosen group.
    fn view(&self) -> TeamView {
        TeamView {
            mentor: (!self.mentor.is_whole_team).then_some(self.mentor.account),
            group: None,
        }
    }

    /// Returns the view of a group that was chosen by its id; `None` when the viewer may not see it.
    fn choose(&self, group: &str) -> Option<TeamView> {
        if group.is_empty() {
            return Some(self.view());
        }
        let group = GroupId(group.parse().ok()?);
        let is_known = self.groups.iter().any(|(id, _)| *id == group);
        is_known.then_some(TeamView {
            group: Some(group),
            ..self.view()
        })
    }
}

/// A request for a page of the team by somebody who may see the group in its query. Another group is 404.
struct TeamRequest {
    request: MemberRequest,
    query: TeamQuery,
    access: TeamAccess,
    /// The part of the team that the page shows.
    view: TeamView,
}

impl FromRequestParts<AppState> for TeamRequest {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &AppState,
    ) -> Result<TeamRequest, Response> {
        let MentorRequest(request) = MentorRequest::from_request_parts(parts, state).await?;
        let query = TeamQuery::parse(parts.uri.query());
        let access = match TeamAccess::of(state, &request).await {
            Ok(access) => access,
            Err(cause) => return Err(notice::unavailable(state, request.page, &cause).await),
        };
        let Some(view) = access.choose(&query.group) else {
            return Err(not_found::show(state, request.page).await);
        };
        Ok(TeamRequest {
            request,
            query,
            access,
            view,
        })
    }
}

/// The query of the pages of the team.
#[derive(Clone, Debug, Default)]
struct TeamQuery {
    /// A part of a name or of an address.
    q: String,
    /// The id of a group; empty for all.
    group: String,
    /// `stuck` or `quiet`; empty for all.
    state: String,
    /// `progress` or `seen`; empty for the name.
    order: String,
    /// The page, from 1.
    page: i64,
}

impl TeamQuery {
    fn parse(query: Option<&str>) -> TeamQuery {
        let mut parsed = TeamQuery {
            page: 1,
            ..TeamQuery::default()
        };
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            match name.as_ref() {
                "q" => parsed.q = value.trim().to_owned(),
                "group" => parsed.group = value.into_owned(),
                "state" => parsed.state = value.into_owned(),
                "order" => parsed.order = value.into_owned(),
                "page" => parsed.page = value.parse().unwrap_or(1).clamp(1, i64::from(u32::MAX)),
                _ => {}
            }
        }
        parsed
    }

    /// Returns the query with its `?` for a page; empty when nothing is chosen.
    fn text(&self, page: i64) -> String {
        let mut serializer = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.q),
            ("group", &self.group),
            ("state", &self.state),
            ("order", &self.order),
        ] {
            if !value.is_empty() {
                serializer.append_pair(name, value);
            }
        }
        if page > 1 {
            serializer.append_pair("page", &page.to_string());
        }
        match serializer.finish() {
            query if query.is_empty() => query,
            query => format!("?{query}"),
        }
    }

    /// Returns how many entries are on the pages before.
    fn offset(&self) -> i64 {
        (self.page - 1) * page_size()
    }
}

/// Returns the number of entries on a page.
fn page_size() -> i64 {
    i64::try_from(TEAM_PAGE).expect("a small number")
}

/// Renders a page of the team below its title and the links to the others.
async fn page<V: IntoView + 'static>(
    state: &AppState,
    page_request: PageRequest,
    (name, access): (&'static str, &TeamAccess),
    content: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    page_with_status(state, page_request, (name, access), StatusCode::OK, content).await
}

/// Renders such a page with another status, for a form that was refused.
async fn page_with_status<V: IntoView + 'static>(
    state: &AppState,
    page_request: PageRequest,
    (name, access): (&'static str, &TeamAccess),
    status: StatusCode,
    content: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let path = match name {
        "" => "/team".to_owned(),
        name => format!("/team/{name}"),
    };
    let messages = state.i18n.messages(page_request.locale);
    let meta = PageMeta {
        status,
        ..PageMeta::new(page_request, messages.get(key(name)), path)
    };
    titled_page(state, meta, (name, access), content).await
}

/// Renders such a page with a title and a path of its own.
async fn titled_page<V: IntoView + 'static>(
    state: &AppState,
    meta: PageMeta,
    (name, access): (&'static str, &TeamAccess),
    content: impl Fn() -> V + Clone + Send + Sync + 'static,
) -> Response {
    let locale = meta.request.locale;
    let messages = state.i18n.messages(locale).clone();
    let title = meta.title.clone();
    let open_questions = access.open_questions;
    let meta = PageMeta {
        has_navigation: false,
        is_indexed: false,
        styles: &[StyleSheet::Portal],
        ..meta
    };
    let view = move || {
        view! {
            <main id="content" class="portal-page" tabindex="-1">
                <h1>{title.clone()}</h1>
                {navigation(locale, name, open_questions, &messages)}
                {content()}
            </main>
        }
    };
    let mut response = render(state, meta, view).await;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Returns the key of the title of a page.
fn key(name: &str) -> &'static str {
    match name {
        "" => "team-title",
        "lessons" => "team-lessons",
        "stuck" => "team-stuck",
        "assignments" => "assignment-title",
        _ => "team-live",
    }
}

fn navigation(
    locale: Locale,
    here: &str,
    open_questions: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let links = PAGES.map(|name| {
        let has_questions = name == "stuck" && open_questions > 0;
        let count = has_questions.then(|| {
            let text = messages.with("team-waiting", &[("count", &open_questions.to_string())]);
            view! { " "<span class="portal-badge">{text}</span> }
        });
        let current = (name == here).then_some("page");
        let address = match name {
            "" => format!("/{locale}/team"),
            name => format!("/{locale}/team/{name}"),
        };
        view! { <li><a href=address aria-current=current>{messages.get(key(name))}{count}</a></li> }
    });
    let label = messages.get("team-title");
    view! { <nav class="portal-nav" aria-label=label><ul>{links.collect_view()}</ul></nav> }
}

/// Renders the choice of a group, if there is one to choose.
fn group_choice(
    groups: &[(GroupId, String)],
    chosen: &str,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let options = groups.iter().map(|(id, name)| {
        let id = id.0.to_string();
        let is_chosen = id == chosen;
        view! { <option value=id selected=is_chosen>{name.clone()}</option> }
    });
    let options = options.collect_view();
    (!groups.is_empty()).then(|| {
        view! {
            <select name="group" aria-label=messages.get("team-group")>
                <option value="">{messages.get("team-all-groups")}</option>
                {options}
            </select>
        }
    })
}

/// Renders a form that chooses a group and nothing else, if there is one to choose.
fn group_filter(
    address: String,
    groups: &[(GroupId, String)],
    chosen: &str,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let choice = group_choice(groups, chosen, messages);
    (!groups.is_empty()).then(|| {
        view! {
            <form class="portal-filter" method="get" action=address>
                {choice}
                <button class="button">{messages.get("member-filter")}</button>
            </form>
        }
    })
}

/// Renders the links to the pages before and after.
fn pages_view(
    address: &str,
    query: &TeamQuery,
    count: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let address = |number| format!("{address}{}", query.text(number));
    ListPage::of(query.page, count).links(address, messages)
}

/// Returns at which step of an exercise a member is, of how many, with how many failed requests.
fn step_text(
    key: &str,
    (passed, steps, failures): (i64, usize, i64),
    messages: &MessageCatalog,
) -> String {
    let steps = i64::try_from(steps).unwrap_or(i64::MAX);
    // Who asks about an exercise that is passed is at its last step.
    let step = (passed + 1).min(steps.max(1));
    let numbers = [("step", step), ("steps", steps), ("failures", failures)];
    let numbers = numbers.map(|(name, number)| (name, number.to_string()));
    let numbers = numbers
        .each_ref()
        .map(|(name, text)| (*name, text.as_str()));
    messages.with(key, &numbers)
}

/// Renders a time as the days, hours or minutes since then, with the time to the minute as the title.
fn ago(at: i64, now: i64, messages: &MessageCatalog) -> impl IntoView + use<> {
    let minutes = ((now - at) / 60_000).max(0);
    let (key, count) = match minutes {
        0 => ("ago-now", 0),
        1..60 => ("ago-minutes", minutes),
        60..1440 => ("ago-hours", minutes / 60),
        _ => ("ago-days", minutes / 1440),
    };
    let text = messages.with(key, &[("count", &count.to_string())]);
    time_ago(at, text)
}
