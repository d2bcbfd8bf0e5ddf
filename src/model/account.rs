//! Accounts of the portal: who somebody is and which part they have in the team.
//!
//! Not here: passwords (see `portal`), and the users of the taught API, which are another noun.

use std::fmt;
use std::str::FromStr;

use super::locale::Locale;
use super::user::Email;

/// The longest display name, in characters.
pub const DISPLAY_NAME_MAX: usize = 100;

/// The id of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The part that somebody has in the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TeamRole {
    /// Members, invites, settings.
    Admin,
    /// The team's progress.
    Mentor,
    /// Their own progress.
    Learner,
}

impl TeamRole {
    /// Every role, from the most to the least powerful.
    pub const ALL: [TeamRole; 3] = [TeamRole::Admin, TeamRole::Mentor, TeamRole::Learner];

    /// The role of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<TeamRole> {
        TeamRole::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            TeamRole::Admin => "admin",
            TeamRole::Mentor => "mentor",
            TeamRole::Learner => "learner",
        }
    }
}

impl fmt::Display for TeamRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for TeamRole {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<TeamRole, Self::Err> {
        TeamRole::parse(name).ok_or("a role is one of: admin, mentor, learner")
    }
}

/// A name to be shown: 1 to 100 characters, none of them a control character, no space around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// The name, without the space around it, if it can be shown.
    #[must_use]
    pub fn parse(text: &str) -> Option<DisplayName> {
        let name = text.trim();
        let valid = (1..=DISPLAY_NAME_MAX).contains(&name.chars().count())
            && !name.chars().any(char::is_control);
        valid.then(|| DisplayName(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

/// An account, without its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The address it logs in with; no two accounts have the same without regard to case.
    pub email: Email,
    /// The name shown to others.
    pub name: DisplayName,
    /// The language it prefers.
    pub language: Locale,
    /// Its part in the team.
    pub role: TeamRole,
    /// When it was made: milliseconds since 1970.
    pub created: i64,
}

/// Shows the id and the role only: the others are personal data, which must not reach a log.
impl fmt::Debug for Account {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Account")
            .field("id", &self.id)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_name_can_be_shown() {
        let check = |text: &str, expected: Option<&str>| {
            let name = DisplayName::parse(text);
            assert_eq!(name.as_ref().map(DisplayName::as_str), expected, "{text:?}");
        };
        check(" 김하늘 ", Some("김하늘"));
        check(&"글".repeat(100), Some(&"글".repeat(100)));
        check(&"글".repeat(101), None);
        check(" ", None);
        check("a\u{0}b", None);
        check("a\nb", None);
    }

    #[test]
    fn debug_of_account_shows_no_personal_data() {
        let account = Account {
            id: AccountId(7),
            email: Email::parse("haneul@example.com").expect("an address"),
            name: DisplayName::parse("김하늘").expect("a name"),
            language: Locale::default(),
            role: TeamRole::Learner,
            created: 0,
        };
        assert_eq!(
            format!("{account:?}"),
            "Account { id: AccountId(7), role: Learner, .. }"
        );
    }

    #[test]
    fn a_role_reads_as_it_is_written() {
        for role in TeamRole::ALL {
            assert_eq!(TeamRole::parse(role.as_str()), Some(role));
        }
        assert_eq!(TeamRole::parse("Admin"), None);
    }
}
