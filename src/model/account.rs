//! Accounts of the portal: members of the team with their roles.
//!
//! Passwords are in `portal`. The users of the taught API are in `user`; they are not accounts.

use std::fmt;
use std::str::FromStr;

use super::locale::Locale;
use super::user::Email;

/// The maximum length of a display name, in characters.
pub const DISPLAY_NAME_MAX: usize = 100;

/// The id of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub i64);

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The role of an account in the team.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TeamRole {
    /// Manages members, invitations and settings.
    Admin,
    /// Sees the progress of the team.
    Mentor,
    /// Sees only their own progress.
    Learner,
}

impl TeamRole {
    /// Every role, from the most to the least powerful.
    pub const ALL: [TeamRole; 3] = [TeamRole::Admin, TeamRole::Mentor, TeamRole::Learner];

    /// Returns the role with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<TeamRole> {
        TeamRole::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Returns the name.
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

/// Returns whether a character is not seen or changes the direction of the text around it.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
    )
}

/// A display name: 1 to 100 visible characters without control characters and without surrounding white space.
#[derive(Clone, PartialEq, Eq)]
pub struct DisplayName(String);

/// Hides the name, because it is personal data and must not be logged.
impl fmt::Debug for DisplayName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DisplayName(…)")
    }
}

impl DisplayName {
    /// Returns the name without surrounding white space, if it is valid.
    #[must_use]
    pub fn parse(text: &str) -> Option<DisplayName> {
        let name = text.trim();
        let valid = (1..=DISPLAY_NAME_MAX).contains(&name.chars().count())
            && !name
                .chars()
                .any(|character| character.is_control() || is_invisible(character));
        valid.then(|| DisplayName(name.to_owned()))
    }

    /// Returns the name.
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
    /// The id.
    pub id: AccountId,
    /// The address for logging in, unique without regard to case.
    pub email: Email,
    /// The display name.
    pub name: DisplayName,
    /// The preferred language.
    pub language: Locale,
    /// The role in the team.
    pub role: TeamRole,
    /// The time of creation, in milliseconds since 1970.
    pub created: i64,
    /// Whether an admin has disabled the account, so that it cannot log in.
    pub is_disabled: bool,
    /// Grows whenever the logins of the account end, by a new password or by an admin: a login that began before then begins no
    /// session.
    pub access_version: i64,
}

/// Shows only the id and the role, because the other fields are personal data, which must not be logged.
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
    fn display_name_is_trimmed_and_limited() {
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
            is_disabled: false,
            access_version: 0,
            created: 0,
        };
        assert_eq!(
            format!("{account:?}"),
            "Account { id: AccountId(7), role: Learner, .. }"
        );
        let parts = format!("{:?} {:?}", account.email, account.name);
        assert_eq!(parts, "Email(…) DisplayName(…)");
    }

    #[test]
    fn printed_role_is_parsed_to_an_equal_role() {
        for role in TeamRole::ALL {
            assert_eq!(TeamRole::parse(role.as_str()), Some(role));
        }
        assert_eq!(TeamRole::parse("Admin"), None);
    }
}
