//! A database statement in a trace: its text over several lines, and what it did to rows.

use leptos::prelude::*;

use crate::model::messages::MessageCatalog;
use crate::model::sql_text::{SqlLine, SqlPart, StatementEffect, format_sql};
use crate::model::trace::TracedStatement;

/// Returns what a statement did to rows, in words; nothing for the limits of a transaction.
pub(super) fn effect_text(
    text: &str,
    sql: &TracedStatement,
    words: &MessageCatalog,
) -> Option<String> {
    let (count, key) = match StatementEffect::of(text, sql.rows, sql.affected) {
        StatementEffect::None => return None,
        StatementEffect::Returned(count) => (count, "trace-rows-returned"),
        StatementEffect::Inserted(count) => (count, "trace-rows-inserted"),
        StatementEffect::Updated(count) => (count, "trace-rows-updated"),
        StatementEffect::Deleted(count) => (count, "trace-rows-deleted"),
        StatementEffect::Written(count) => (count, "trace-rows-written"),
    };
    Some(words.with(key, &[("count", &count.to_string())]))
}

/// A statement as it is shown below its row.
pub(super) struct StatementView {
    lines: Vec<SqlLine>,
}

impl StatementView {
    /// Formats a statement; `None` when its row shows all of it.
    pub(super) fn new(text: &str, sql: &TracedStatement) -> Option<StatementView> {
        let lines = format_sql(text, &sql.parameters);
        (lines.len() > 1).then_some(StatementView { lines })
    }

    /// Returns whether the statement is so short that it is shown at once.
    pub(super) fn is_short(&self) -> bool {
        self.lines.len() <= 8
    }

    /// Renders the lines.
    pub(super) fn view(&self, label: &str) -> impl IntoView + use<> {
        let lines = self.lines.iter().map(line_view).collect_view();
        view! { <pre class="code sql" tabindex="0" role="group" aria-label=label.to_owned()>{lines}</pre> }
    }
}

fn line_view(line: &SqlLine) -> impl IntoView + use<> {
    let parts = line.parts.iter().map(|part| match part {
        SqlPart::Keyword(text) => {
            view! { <span class="tok-keyword">{text.clone()}</span> }.into_any()
        }
        SqlPart::Literal(text) => {
            view! { <span class="tok-string">{text.clone()}</span> }.into_any()
        }
        SqlPart::Value(text) => view! { <span class="sql-value">{text.clone()}</span> }.into_any(),
        SqlPart::Text(text) => text.clone().into_any(),
    });
    let parts = parts.collect_view();
    // An empty text would be rendered as a space.
    let indent = (line.indent > 0).then(|| "  ".repeat(line.indent));
    view! { {indent} {parts} "\n" }
}
