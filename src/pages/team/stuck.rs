//! `/{lang}/team/stuck`: who is stuck in an exercise, and the questions of members with the form to answer them.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::signed_in::MentorRequest;
use crate::pages::team::{STUCK_TIME, TeamAccess, TeamQuery, ago, group_choice, page, pages_view};
use crate::pages::{not_found, notice};
use crate::portal::store::team::StuckMember;
use crate::state::AppState;

/// Handles `GET /{lang}/team/stuck`.
pub(super) async fn show(
    State(state): State<AppState>,
    MentorRequest(request): MentorRequest,
    RawQuery(query): RawQuery,
) -> Response {
    let query = TeamQuery::parse(query.as_deref());
    let access = match TeamAccess::of(&state, &request).await {
        Ok(access) => access,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let Some(view) = access.choose(&query.group) else {
        return not_found::show(&state, request.page).await;
    };
    let now = state.portal.clock.now();
    let store = &state.portal.store;
    let found = store
        .list_stuck(view, now - STUCK_TIME, query.offset())
        .await;
    let (stuck, count) = match found {
        Ok(found) => found,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let shared = state.clone();
    let view = move || {
        let address = format!("/{locale}/team/stuck");
        let filter = (!access.groups.is_empty()).then(|| {
            view! {
                <form class="portal-filter" method="get" action=address.clone()>
                    {group_choice(&access.groups, &query.group, &messages)}
                    <button class="button">{messages.get("member-filter")}</button>
                </form>
            }
        });
        let rows = stuck.iter();
        let rows = rows.map(|member| row(&shared, locale, member, now, &messages));
        let rows = rows.collect_view();
        let list = match stuck.is_empty() {
            true => view! { <p class="quiet">{messages.get("team-nobody-stuck")}</p> }.into_any(),
            false => view! { <ul class="portal-list">{rows}</ul> }.into_any(),
        };
        view! {
            {filter}
            <h2>{messages.get("team-stuck-members")}</h2>
            <p class="quiet">{messages.get("team-stuck-note")}</p>
            {list}
            {pages_view(&address, &query, count, &messages)}
        }
    };
    page(&state, request.page, "stuck", view).await
}

fn row(
    state: &AppState,
    locale: Locale,
    member: &StuckMember,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let address = format!("/{locale}/team/members/{}", member.account);
    let exercise = state.library.exercise(locale, &member.exercise);
    let exercise = exercise.map(|(_, exercise)| exercise);
    let title = exercise.map_or_else(
        || member.exercise.clone(),
        |exercise| exercise.title.get(locale).to_owned(),
    );
    let steps = exercise.map_or(0, |exercise| exercise.steps.len());
    let numbers = [
        ("step", (member.step + 1).to_string()),
        ("steps", steps.to_string()),
        ("failures", member.failures.to_string()),
    ];
    let numbers = numbers
        .each_ref()
        .map(|(name, text)| (*name, text.as_str()));
    let detail = messages.with("team-is-stuck", &numbers);
    let target = format!("/{locale}/exercises/{}", member.exercise);
    view! {
        <li>
            <span>
                <strong><a href=address>{member.name.clone()}</a></strong>" · "<a href=target>{title}</a>
                <br/>{detail}
            </span>
            <span class="quiet">{ago(member.checked, now, messages)}</span>
        </li>
    }
}
