//! The search of the lessons: a page with a form and the results, and the fragment that the command palette shows.

mod address;
mod form;
mod marked_text;
mod options;
mod results;
mod show;

pub(super) use form::search_form;
pub(super) use show::show;
