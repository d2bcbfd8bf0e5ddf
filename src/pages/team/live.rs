//! `/{lang}/team/live`: who is at which lesson or step now, for a workshop. The list is sent again over an event stream whenever it
//! has changed; without scripts the page shows it as it is when the page is loaded.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use leptos::prelude::*;
use tokio::time::sleep;

use crate::model::account::TeamRole;
use crate::model::cookie::CookieValue;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::notice;
use crate::pages::signed_in::MentorRequest;
use crate::pages::team::{
    STUCK_TIME, TeamAccess, TeamQuery, TeamRequest, ago, group_filter, page, step_text,
};
use crate::portal::store::StoreError;
use crate::portal::store::team::{ActivityKind, TeamActivity, TeamView};
use crate::portal::{self, LiveStreamPermit};
use crate::state::AppState;

/// Who has done something in this time is at work: 20 minutes, in milliseconds.
const ACTIVE_TIME: i64 = 20 * 60 * 1000;
/// How many members are shown at most: those who did something last.
const SHOWN_MAX: usize = 50;
/// The time between two looks at what members do.
const INTERVAL: Duration = Duration::from_secs(2);

/// Handles `GET /{lang}/team/live`.
pub(super) async fn show(
    State(state): State<AppState>,
    TeamRequest {
        request,
        query,
        access,
        view,
    }: TeamRequest,
) -> Response {
    let locale = request.page.locale;
    let list = match list(&state, view, locale).await {
        Ok(list) => list,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let messages = state.i18n.messages(locale).clone();
    let shown = access.clone();
    let view = move || {
        let address = format!("/{locale}/team/live");
        let events = format!("{address}/events{}", query.text(1));
        let filter = group_filter(address.clone(), &access.groups, &query.group, &messages);
        view! {
            {filter}
            <p class="quiet">{messages.get("team-live-note")}</p>
            <p class="portal-problem" id="live-lost" role="alert" hidden>{messages.get("team-live-lost")}</p>
            <div id="live-list" data-events=events inner_html=list.clone()></div>
            <script src=format!("/{locale}/team/live.js") defer></script>
        }
    };
    page(&state, request.page, ("live", &shown), view).await
}

/// Handles `GET /{lang}/team/live.js`: the script of the page, which is the same for everybody.
pub(super) async fn script(_: MentorRequest) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    (headers, include_str!("live.js")).into_response()
}

/// Handles `GET /{lang}/team/live/events`: an event with the list, as a fragment of HTML, at the start and whenever it has changed.
/// Ends when the viewer is logged out or may no longer see the team.
pub(super) async fn events(
    State(state): State<AppState>,
    TeamRequest {
        request,
        query,
        view,
        ..
    }: TeamRequest,
    headers: HeaderMap,
) -> Response {
    let Some(permit) = state.portal.live_streams.acquire(request.viewer.account) else {
        return StatusCode::TOO_MANY_REQUESTS.into_response();
    };
    let stream = LiveStream {
        session: session(&state, &headers),
        locale: request.page.locale,
        state,
        query,
        view,
        last: None,
        _permit: permit,
    };
    let mut response = Sse::new(stream.events())
        .keep_alive(KeepAlive::default())
        .into_response();
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Returns the value of the session cookie.
fn session(state: &AppState, headers: &HeaderMap) -> String {
    let name = portal::cookie_name(state.config.secure_cookies());
    let fields = headers.get_all(COOKIE).iter();
    let value = CookieValue::find(fields.map(HeaderValue::as_bytes), name);
    value.single().map(str::to_owned).unwrap_or_default()
}

/// An open event stream.
struct LiveStream {
    state: AppState,
    locale: Locale,
    /// The value of the session cookie.
    session: String,
    query: TeamQuery,
    view: TeamView,
    /// The list that was sent last.
    last: Option<String>,
    _permit: LiveStreamPermit,
}

impl LiveStream {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut stream| {
            loop {
                if stream.last.is_some() {
                    sleep(INTERVAL).await;
                }
                if !stream.is_allowed().await {
                    return None;
                }
                let list = list(&stream.state, stream.view, stream.locale).await;
                let list = list.ok()?;
                if stream.last.as_ref() != Some(&list) {
                    let event = Event::default().data(&list);
                    stream.last = Some(list);
                    return Some((Ok(event), stream));
                }
            }
        })
    }

    /// Returns whether the viewer is still logged in and may still see what the stream shows.
    async fn is_allowed(&self) -> bool {
        let portal = &self.state.portal;
        let Ok(Some(viewer)) = portal.find_viewer(&self.session).await else {
            return false;
        };
        if viewer.role == TeamRole::Learner {
            return false;
        }
        let access = TeamAccess::of_account(&self.state, viewer.account, viewer.role).await;
        access.is_ok_and(|access| access.choose(&self.query.group) == Some(self.view))
    }
}

/// Renders who is at work.
async fn list(state: &AppState, view: TeamView, locale: Locale) -> Result<String, StoreError> {
    let now = state.portal.clock.now();
    let (since, stuck_since) = (now - ACTIVE_TIME, now - STUCK_TIME);
    let store = &state.portal.store;
    let activities = store.team_activity(view, since, stuck_since).await?;
    let messages = state.i18n.messages(locale);
    let owner = Owner::new();
    Ok(owner.with(|| list_view(state, locale, &activities, now, messages).to_html()))
}

fn list_view(
    state: &AppState,
    locale: Locale,
    activities: &[TeamActivity],
    now: i64,
    messages: &MessageCatalog,
) -> AnyView {
    if activities.is_empty() {
        return view! { <p class="quiet">{messages.get("team-live-nobody")}</p> }.into_any();
    }
    let count = messages.with("member-count", &[("count", &activities.len().to_string())]);
    let more = activities.len().saturating_sub(SHOWN_MAX);
    let more = (more > 0).then(|| {
        let text = messages.with("team-live-more", &[("count", &more.to_string())]);
        view! { <p class="quiet">{text}</p> }
    });
    let rows = activities.iter().take(SHOWN_MAX).map(|activity| {
        let address = format!("/{locale}/team/members/{}", activity.account);
        view! {
            <li>
                <a href=address>{activity.name.clone()}</a>
                {what_view(state, locale, &activity.what, messages)}
                <span class="quiet">{ago(activity.at, now, messages)}</span>
            </li>
        }
    });
    view! { <p class="quiet">{count}</p><ul class="portal-list">{rows.collect_view()}</ul>{more} }
        .into_any()
}

fn what_view(
    state: &AppState,
    locale: Locale,
    what: &ActivityKind,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let library = &state.library;
    let (title, detail, class) = match what {
        ActivityKind::Lesson { lesson } => {
            let page = library.page_or_translation(locale, lesson);
            let title = page.map_or_else(|| lesson.clone(), |page| page.front.title.clone());
            (title, messages.get("team-reads"), "quiet")
        }
        ActivityKind::Exercise {
            exercise: id,
            step,
            failures,
            is_passed,
            is_stuck,
        } => {
            let exercise = library.exercise(locale, id).map(|(_, exercise)| exercise);
            let title = exercise.map_or_else(
                || id.clone(),
                |exercise| exercise.title.get(locale).to_owned(),
            );
            let steps = exercise.map_or(0, |exercise| exercise.steps.len());
            let numbers = (*step, steps, *failures);
            match (is_stuck, is_passed) {
                (true, _) => (
                    title,
                    step_text("team-is-stuck", numbers, messages),
                    "live-stuck",
                ),
                (false, true) => (title, messages.get("team-has-passed"), "live-passed"),
                (false, false) => (title, step_text("team-is-at", numbers, messages), "quiet"),
            }
        }
    };
    view! { <span>{title}": "<span class=class>{detail}</span></span> }
}
