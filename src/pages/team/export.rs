//! `/{lang}/team/progress.csv`: the progress of each member in each chapter, for a spreadsheet.

use axum::extract::State;
use axum::http::Method;
use axum::response::Response;

use crate::csv_text::csv_text;
use crate::model::timestamp::Timestamp;
use crate::pages::attachment::{CSV, attachment, record_export};
use crate::pages::notice;
use crate::pages::team::course::course;
use crate::pages::team::overview::read;
use crate::pages::team::{TeamQuery, TeamRequest};
use crate::portal::store::StoreError;
use crate::portal::store::team::TeamView;
use crate::state::AppState;

/// The most members in a file.
const MEMBERS: usize = 5000;

/// Handles `GET /{lang}/team/progress.csv`.
pub(super) async fn csv(
    State(state): State<AppState>,
    TeamRequest {
        request,
        query,
        view,
        ..
    }: TeamRequest,
    method: Method,
) -> Response {
    match records(&state, request.page.locale, view, query).await {
        Ok(records) => {
            record_export(&state, &method, &request.actor, "progress").await;
            attachment("progress.csv", CSV, csv_text(&records))
        }
        Err(cause) => notice::unavailable(&state, request.page, &cause).await,
    }
}

/// Returns the head and a record for each member.
async fn records(
    state: &AppState,
    locale: crate::model::locale::Locale,
    view: TeamView,
    mut query: TeamQuery,
) -> Result<Vec<Vec<String>>, StoreError> {
    let messages = state.i18n.messages(locale);
    let chapters = course(&state.library, locale);
    let titles = chapters.iter().map(|chapter| {
        let title = chapter.title.clone();
        title.unwrap_or_else(|| messages.get("lessons"))
    });
    let head = ["join-name", "login-email", "member-seen"].map(|key| messages.get(key));
    let mut records: Vec<Vec<String>> = vec![head.into_iter().chain(titles).collect()];
    query.page = 1;
    loop {
        let overview = read(state, view, &query).await?;
        for member in &overview.members {
            let read = overview.progress.read.get(&member.account);
            let passed = overview.progress.passed.get(&member.account);
            let cells = chapters.iter().map(|chapter| {
                let read = read.map(Vec::as_slice).unwrap_or_default();
                let passed = passed.map(Vec::as_slice).unwrap_or_default();
                let (done, all) = chapter.done(read, passed);
                // Not "3/5", which spreadsheets take for a date.
                format!("{}%", done * 100 / all.max(1))
            });
            let seen = member.seen.map(Timestamp::from_milliseconds);
            let seen = seen.map(|seen| seen.to_string()).unwrap_or_default();
            let record = [member.name.clone(), member.email.clone(), seen];
            records.push(record.into_iter().chain(cells).collect());
        }
        let is_last = i64::try_from(records.len()).unwrap_or(i64::MAX) > overview.count;
        if overview.members.is_empty() || is_last || records.len() > MEMBERS {
            return Ok(records);
        }
        query.page += 1;
    }
}
