//! What a data panel is rendered from.

use std::sync::Arc;

use crate::model::behaviors::Behaviors;
use crate::model::exchange::{Exchange, SourceRequest};
use crate::model::expectation::RowChanges;
use crate::model::locale::Locale;
use crate::model::user::User;

/// The data panel of a visitor.
#[derive(Clone, Debug)]
pub struct DataPanelParts {
    /// Language of the page.
    pub locale: Locale,
    /// Tells the visitor's sandbox from the one after it; `None` without: what is shown is the seed.
    pub sandbox: Option<i64>,
    /// The users, as many as are shown.
    pub users: Vec<User>,
    /// How many there are.
    pub total: usize,
    /// How the API behaves.
    pub behaviors: Behaviors,
    /// The request whose changes are undone next; `None` when there is nothing to undo.
    pub last_change: Option<SourceRequest>,
    /// What was asked, the newest first, as many as are shown.
    pub exchanges: Vec<Arc<Exchange>>,
    /// What is searched for in them; empty: nothing.
    pub search: String,
    /// The key of the words that say what went wrong.
    pub problem: Option<&'static str>,
    /// The path, after the locale, of the page to lead back to; empty for none.
    pub from: String,
    /// The lesson beside which the panel is, if it is beside one.
    pub lesson: Option<LessonData>,
}

/// The starting data of a lesson, as a data panel offers to restore them.
#[derive(Clone, Debug)]
pub struct LessonData {
    /// The path of the lesson, `section/slug`.
    pub path: String,
    /// How the users differ from the starting data; `None` when they do not.
    pub differences: Option<RowChanges>,
}

impl DataPanelParts {
    /// Returns the address of the data panel's own page, to which its forms are sent.
    pub(super) fn action(&self) -> String {
        match self.from.is_empty() {
            true => format!("/{}/data", self.locale),
            false => format!("/{}/data?from={}", self.locale, self.from),
        }
    }
}
