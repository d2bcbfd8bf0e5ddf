//! The names of the fields of a user in queries: the selection of fields and the sort order.

use std::fmt;

use super::User;

/// A field of a user, in the order in which responses show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UserField {
    /// `id`
    Id,
    /// `name`
    Name,
    /// `email`
    Email,
    /// `role`
    Role,
    /// `bio`
    Bio,
    /// `created_at`
    CreatedAt,
    /// `updated_at`
    UpdatedAt,
}

impl UserField {
    /// Every field, in order.
    pub const ALL: [UserField; 7] = [
        UserField::Id,
        UserField::Name,
        UserField::Email,
        UserField::Role,
        UserField::Bio,
        UserField::CreatedAt,
        UserField::UpdatedAt,
    ];

    /// Returns the field with this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<UserField> {
        UserField::ALL
            .into_iter()
            .find(|field| field.as_str() == name)
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            UserField::Id => "id",
            UserField::Name => "name",
            UserField::Email => "email",
            UserField::Role => "role",
            UserField::Bio => "bio",
            UserField::CreatedAt => "created_at",
            UserField::UpdatedAt => "updated_at",
        }
    }

    /// Returns the value of the field as text; `None` when the user has no bio.
    #[must_use]
    pub fn value_of(self, user: &User) -> Option<String> {
        Some(match self {
            UserField::Id => user.id.to_string(),
            UserField::Name => user.name.clone(),
            UserField::Email => user.email.as_str().to_owned(),
            UserField::Role => user.role.as_str().to_owned(),
            UserField::Bio => return user.bio.clone(),
            UserField::CreatedAt => user.created_at.to_string(),
            UserField::UpdatedAt => user.updated_at.to_string(),
        })
    }
}

/// A set of fields of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserFields([bool; UserField::ALL.len()]);

impl UserFields {
    /// All fields.
    pub const ALL: UserFields = UserFields([true; UserField::ALL.len()]);

    /// No fields.
    pub const NONE: UserFields = UserFields([false; UserField::ALL.len()]);

    /// Adds a field and returns whether it was missing.
    pub fn add(&mut self, field: UserField) -> bool {
        !std::mem::replace(&mut self.0[field as usize], true)
    }

    /// Returns the fields of the set, in the order of responses.
    pub fn iter(self) -> impl Iterator<Item = UserField> {
        let is_in_set = move |field: &UserField| self.0[*field as usize];
        UserField::ALL.into_iter().filter(is_in_set)
    }
}

/// A sort order of users: by a field, then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserOrder {
    /// The field that is compared.
    pub by: UserField,
    /// Whether the greatest value comes first.
    pub descending: bool,
}

impl UserOrder {
    /// The default order: by id, ascending.
    pub const ID: UserOrder = UserOrder {
        by: UserField::Id,
        descending: false,
    };

    /// Parses `name`, or `-name` for the descending order.
    #[must_use]
    pub fn parse(text: &str) -> Option<UserOrder> {
        let name = text.strip_prefix('-');
        Some(UserOrder {
            by: UserField::parse(name.unwrap_or(text))?,
            descending: name.is_some(),
        })
    }
}

impl fmt::Display for UserOrder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.descending { "-" } else { "" };
        write!(formatter, "{sign}{}", self.by.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_order_is_parsed_to_an_equal_order() {
        for field in UserField::ALL {
            for sign in ["", "-"] {
                let text = format!("{sign}{}", field.as_str());
                let order = UserOrder::parse(&text).expect("an order");
                assert_eq!((order.by, order.to_string()), (field, text));
            }
        }
        for text in ["", "-", "--name", "+name", "Name", "name,id", "password"] {
            assert_eq!(UserOrder::parse(text), None, "{text}");
        }
    }

    #[test]
    fn set_of_fields_has_each_once_and_in_order() {
        let mut fields = UserFields::NONE;
        assert!(fields.add(UserField::Role));
        assert!(fields.add(UserField::Id));
        assert!(!fields.add(UserField::Role));
        let listed: Vec<_> = fields.iter().collect();
        assert_eq!(listed, [UserField::Id, UserField::Role]);
        assert!(UserFields::ALL.iter().eq(UserField::ALL));
    }
}
