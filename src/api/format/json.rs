//! Compact JSON (RFC 8259). The parser is in `model::json`.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};

use crate::model::user::{User, UserField, UserFields};

pub(super) fn one(user: &User) -> Vec<u8> {
    serde_json::to_vec(user).expect("a user is JSON")
}

pub(super) fn list(users: &[User], fields: UserFields) -> Vec<u8> {
    let users: Vec<_> = users
        .iter()
        .map(|user| JsonFields { user, fields })
        .collect();
    serde_json::to_vec(&users).expect("users are JSON")
}

/// Some fields of a user.
struct JsonFields<'u> {
    user: &'u User,
    fields: UserFields,
}

impl Serialize for JsonFields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for field in self.fields.iter() {
            let name = field.as_str();
            match field {
                UserField::Id => map.serialize_entry(name, &self.user.id)?,
                UserField::Name => map.serialize_entry(name, &self.user.name)?,
                UserField::Email => map.serialize_entry(name, &self.user.email)?,
                UserField::Role => map.serialize_entry(name, &self.user.role)?,
                UserField::Bio => map.serialize_entry(name, &self.user.bio)?,
                UserField::CreatedAt => map.serialize_entry(name, &self.user.created_at)?,
                UserField::UpdatedAt => map.serialize_entry(name, &self.user.updated_at)?,
            }
        }
        map.end()
    }
}
