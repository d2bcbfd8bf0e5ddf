//! The full-text search of the lessons: an FTS5 index in memory, with one row for each passage of each lesson.
//!
//! SQLite stores only tokens. `token` splits texts and queries into tokens, because no tokenizer of SQLite handles Korean;
//! `query` builds the expression of a query from quoted tokens only, so that a visitor cannot use the query language of FTS5.
//! The texts stay in memory, and `mark` marks the matches in them.

mod index;
mod indexed_passage;
mod mark;
mod particle;
mod query;
mod snippet;
mod token;

pub use index::{SearchHit, SearchIndex, SearchResults};
pub use indexed_passage::IndexedPassage;
pub use query::{QUERY_MAX, SearchQuery};
pub use snippet::TextPart;
