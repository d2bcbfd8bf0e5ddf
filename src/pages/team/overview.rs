//! `/{lang}/team`: the members of the team and how much of each chapter they have done.

use axum::extract::State;
use axum::response::Response;
use leptos::prelude::*;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::pages::notice;
use crate::pages::team::course::{CourseChapter, course};
use crate::pages::team::{
    QUIET_TIME, STUCK_TIME, TeamQuery, TeamRequest, ago, group_choice, page, pages_view,
};
use crate::portal::store::StoreError;
use crate::portal::store::group::GroupId;
use crate::portal::store::team::{
    TeamFilter, TeamMember, TeamOrder, TeamProgress, TeamState, TeamView,
};
use crate::state::AppState;

/// What the page shows.
#[derive(Clone)]
pub(super) struct Overview {
    /// The members of one page.
    pub(super) members: Vec<TeamMember>,
    /// How many there are in all.
    pub(super) count: i64,
    /// What they have done.
    pub(super) progress: TeamProgress,
}

/// Reads a page of the overview.
pub(super) async fn read(
    state: &AppState,
    view: TeamView,
    query: &TeamQuery,
) -> Result<Overview, StoreError> {
    let now = state.portal.clock.now();
    let filter = TeamFilter {
        view,
        text: query.q.clone(),
        state: match query.state.as_str() {
            "stuck" => TeamState::Stuck,
            "quiet" => TeamState::Quiet,
            _ => TeamState::All,
        },
        order: match query.order.as_str() {
            "progress" => TeamOrder::Progress,
            "seen" => TeamOrder::Seen,
            _ => TeamOrder::Name,
        },
        stuck_since: now - STUCK_TIME,
        quiet_since: now - QUIET_TIME,
        offset: query.offset(),
    };
    let store = &state.portal.store;
    let (members, count) = store.list_team(&filter).await?;
    Ok(Overview {
        progress: store.team_progress(&members).await?,
        members,
        count,
    })
}

/// Handles `GET /{lang}/team`.
pub(super) async fn show(
    State(state): State<AppState>,
    TeamRequest {
        request,
        query,
        access,
        view,
    }: TeamRequest,
) -> Response {
    let overview = match read(&state, view, &query).await {
        Ok(overview) => overview,
        Err(cause) => return notice::unavailable(&state, request.page, &cause).await,
    };
    let locale = request.page.locale;
    let messages = state.i18n.messages(locale).clone();
    let chapters = course(&state.library, locale);
    let now = state.portal.clock.now();
    let shown = access.clone();
    let view = move || {
        let table = table(locale, &chapters, &overview, now, &messages);
        view! {
            {filter_form(locale, &query, &access.groups, &messages)}
            {table}
            {pages_view(&format!("/{locale}/team"), &query, overview.count, &messages)}
        }
    };
    page(&state, request.page, ("", &shown), view).await
}

fn filter_form(
    locale: Locale,
    query: &TeamQuery,
    groups: &[(GroupId, String)],
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let option = |value: &'static str, key: &str, chosen: &str| {
        view! { <option value=value selected=value == chosen>{messages.get(key)}</option> }
    };
    let csv = format!("/{locale}/team/progress.csv{}", query.text(1));
    view! {
        <form class="portal-filter" method="get" action=format!("/{locale}/team")>
            <input type="search" name="q" value=query.q.clone() aria-label=messages.get("member-search") placeholder=messages.get("member-search")/>
            {group_choice(groups, &query.group, messages)}
            <select name="state" aria-label=messages.get("member-state")>
                {option("", "team-everybody", &query.state)}
                {option("stuck", "team-state-stuck", &query.state)}
                {option("quiet", "team-state-quiet", &query.state)}
            </select>
            <select name="order" aria-label=messages.get("team-order")>
                {option("", "team-order-name", &query.order)}
                {option("progress", "team-order-progress", &query.order)}
                {option("seen", "team-order-seen", &query.order)}
            </select>
            <button class="button">{messages.get("member-filter")}</button>
            <a class="button" href=csv download="">{messages.get("audit-csv")}</a>
        </form>
    }
}

fn table(
    locale: Locale,
    chapters: &[CourseChapter],
    overview: &Overview,
    now: i64,
    messages: &MessageCatalog,
) -> AnyView {
    if overview.members.is_empty() {
        return view! { <p class="quiet">{messages.get("team-nobody")}</p> }.into_any();
    }
    let heads = chapters.iter().map(|chapter| {
        let title = chapter.title.clone();
        let title = title.unwrap_or_else(|| messages.get("lessons"));
        view! { <th scope="col">{title}</th> }
    });
    let rows = overview.members.iter();
    let rows = rows.map(|member| row(locale, chapters, member, &overview.progress, now, messages));
    let count = messages.with("member-count", &[("count", &overview.count.to_string())]);
    view! {
        <p class="quiet">{count}". "{messages.get("team-cells")}</p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=messages.get("team-title")>
            <table class="portal-table heat-map">
                <thead><tr>
                    <th scope="col">{messages.get("team-member")}</th>
                    {heads.collect_view()}
                    <th scope="col">{messages.get("member-seen")}</th>
                </tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(
    locale: Locale,
    chapters: &[CourseChapter],
    member: &TeamMember,
    progress: &TeamProgress,
    now: i64,
    messages: &MessageCatalog,
) -> impl IntoView + use<> {
    let read = progress.read.get(&member.account);
    let read = read.map(Vec::as_slice).unwrap_or_default();
    let passed = progress.passed.get(&member.account);
    let passed = passed.map(Vec::as_slice).unwrap_or_default();
    let cells = chapters.iter().map(|chapter| {
        let (done, all) = chapter.done(read, passed);
        let heat = format!("heat heat-{}", heat(done, all));
        view! { <td class=heat>{done}"/"{all}</td> }
    });
    let cells = cells.collect_view();
    let stuck = (member.stuck > 0).then(|| {
        view! { " "<span class="portal-badge">{messages.get("team-state-stuck")}</span> }
    });
    let seen = match member.seen {
        Some(seen) => ago(seen, now, messages).into_any(),
        None => view! { <span class="quiet">"–"</span> }.into_any(),
    };
    let address = format!("/{locale}/team/members/{}", member.account);
    view! {
        <tr>
            <th scope="row"><a href=address>{member.name.clone()}</a>{stuck}<br/><span class="quiet">{member.email.clone()}</span></th>
            {cells}
            <td>{seen}</td>
        </tr>
    }
}

/// Returns the shade of a cell: 0 for nothing done, 4 for everything.
fn heat(done: usize, all: usize) -> usize {
    match done {
        0 => 0,
        _ if done >= all => 4,
        _ => 1 + done * 3 / (all + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::heat;

    #[test]
    fn shade_says_nothing_something_and_everything() {
        let shades: Vec<usize> = (0..=10).map(|done| heat(done, 10)).collect();
        assert_eq!(shades, [0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4]);
        assert_eq!((heat(0, 0), heat(1, 1)), (0, 4));
    }
}
