//! Plain text for human readers: one line for each field, and an empty line between users. There is no parser.

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
        format!("{}: {}\n", field.as_str(), escape(&value))
    });
    lines.collect()
}

/// Indents all lines of a text but the first, so that none looks like a field, and replaces the control
/// characters that a terminal would execute.
fn escape(text: &str) -> String {
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
    use crate::api::format::tests::{ada, fields_of};
    use crate::model::user::UserField;

    fn text(users: &[User], fields: UserFields) -> String {
        String::from_utf8(list(users, fields)).expect("UTF-8")
    }

    #[test]
    fn list_has_one_line_for_each_field() {
        assert_eq!(
            text(&[ada()], UserFields::ALL),
            "id: 4\nname: Ada <&]]>, \"에이다\"\nemail: ada@example.com\nrole: admin\nbio: (none)\n\
             created_at: 2026-01-01T00:00:00Z\nupdated_at: 2026-01-01T00:01:01Z\n"
        );
        let fields = fields_of(&[UserField::Id, UserField::Role]);
        assert_eq!(
            text(&[ada(), ada()], fields),
            "id: 4\nrole: admin\n\nid: 4\nrole: admin\n"
        );
        assert_eq!(text(&[], fields), "(no users)\n");
    }

    #[test]
    fn bio_with_line_breaks_and_control_characters_is_escaped() {
        let mut user = ada();
        user.bio = Some("one\nrole: admin\r\ntwo\rthree\u{9b}31m\t.".to_owned());
        let fields = fields_of(&[UserField::Bio]);
        assert_eq!(
            text(&[user], fields),
            "bio: one\n  role: admin\n  two\n  three\u{fffd}31m\t.\n"
        );
    }
}
