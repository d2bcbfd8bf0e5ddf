//! Plain text for people: a line a field, an empty line between users. It is not read.

use crate::model::user::{User, UserFields};

pub(super) fn list(users: &[User], fields: UserFields) -> Vec<u8> {
    if users.is_empty() {
        return b"(no users)\n".to_vec();
    }
    let users: Vec<_> = users.iter().map(|user| one(user, fields)).collect();
    users.join("\n").into_bytes()
}

fn one(user: &User, fields: UserFields) -> String {
    let lines = fields.iter().map(|field| {
        let value = field.value_of(user).unwrap_or_else(|| "(none)".to_owned());
        format!("{}: {}\n", field.as_str(), harmless(&value))
    });
    lines.collect()
}

/// A text of which further lines stand a little to the right, so that none looks like a field, and
/// without the control characters that a terminal would obey.
fn harmless(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let visible = |c: char| match c {
        '\n' => "\n  ".to_owned(),
        '\t' => "\t".to_owned(),
        c if c.is_control() => char::REPLACEMENT_CHARACTER.to_string(),
        c => c.to_string(),
    };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::format::tests::{ada, some};
    use crate::model::user::UserField;

    fn text(users: &[User], fields: UserFields) -> String {
        String::from_utf8(list(users, fields)).expect("UTF-8")
    }

    #[test]
    fn a_line_is_a_field() {
        assert_eq!(
            text(&[ada()], UserFields::ALL),
            "id: 4\nname: Ada <&]]>, \"에이다\"\nemail: ada@example.com\nrole: admin\nbio: (none)\n\
             created_at: 2026-01-01T00:00:00Z\nupdated_at: 2026-01-01T00:01:01Z\n"
        );
        let fields = some(&[UserField::Id, UserField::Role]);
        assert_eq!(
            text(&[ada(), ada()], fields),
            "id: 4\nrole: admin\n\nid: 4\nrole: admin\n"
        );
        assert_eq!(text(&[], fields), "(no users)\n");
    }

    #[test]
    fn a_bio_cannot_look_like_a_field_or_command_a_terminal() {
        let mut user = ada();
        user.bio = Some("one\nrole: admin\r\ntwo\rthree\u{9b}31m\t.".to_owned());
        let fields = some(&[UserField::Bio]);
        assert_eq!(
            text(&[user], fields),
            "bio: one\n  role: admin\n  two\n  three\u{fffd}31m\t.\n"
        );
    }
}
