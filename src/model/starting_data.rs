//! The data with which a lesson begins.

use serde::Deserialize;

/// The name of the seed.
const SEED: &str = "users";

/// A set of users with which a lesson begins, named by `data:` in its front matter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum StartingData {
    /// The seed: the users with which every sandbox begins.
    #[default]
    Seed,
    /// The users of the file `data/NAME.json` with this name.
    Named(String),
}

impl From<String> for StartingData {
    fn from(name: String) -> StartingData {
        match name.as_str() {
            SEED => StartingData::Seed,
            _ => StartingData::Named(name),
        }
    }
}
