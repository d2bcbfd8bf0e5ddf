//! The data with which a lesson begins.

use serde::Deserialize;

/// A set of users with which a lesson begins, named by `data:` in its front matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartingData {
    /// The seed: the users with which every sandbox begins.
    #[default]
    Users,
}
