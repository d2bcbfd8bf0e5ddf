//! The names of the icons that a section in `site.toml` may have.

use serde::Deserialize;

/// The icon of a section; the drawings are in `components::icon`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SectionIcon {
    /// An open book.
    #[default]
    Book,
    /// A signpost.
    Signpost,
    /// An arrow that leaves.
    Send,
    /// An arrow that comes back.
    Response,
    /// A warning sign.
    Warning,
    /// A key.
    Key,
    /// Curly brackets.
    Braces,
    /// Two things beside each other.
    Compare,
    /// A cylinder of stored data.
    Database,
    /// A sheet of paper.
    File,
    /// Sheets above each other.
    Layers,
    /// A group of people.
    Users,
}
