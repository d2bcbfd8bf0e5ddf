//! The page to which admins are led who have to get a second factor; its content is in `account::second_factor`.

use crate::model::locale::Locale;

/// The path of the page after the locale.
pub(super) const PATH: &str = "/account/second-factor";

/// Returns the path of the page.
pub(super) fn path(locale: Locale) -> String {
    format!("/{locale}{PATH}")
}
