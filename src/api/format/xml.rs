//! XML 1.0: `<user>` with one element for each field, and `<users>` with the users of a list.
//!
//! A bio that is null has no element, and an empty bio has an empty element. The parser accepts only
//! elements and text, at most two levels deep: no document type and therefore only the five predefined
//! entities, no attributes and no processing instructions. The validation of users refuses characters that
//! XML cannot contain; if one is stored nevertheless, it is written as U+FFFD.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesDecl, BytesRef, BytesStart, Event};

use super::{FormatError, decode, to_json};
use crate::model::json::Json;
use crate::model::user::{User, UserFields};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

pub(super) fn one(user: &User) -> Vec<u8> {
    let mut text = DECLARATION.to_owned();
    write(user, UserFields::ALL, &mut text);
    text.push('\n');
    text.into_bytes()
}

pub(super) fn list(users: &[User], fields: UserFields) -> Vec<u8> {
    let mut text = format!("{DECLARATION}<users>");
    for user in users {
        write(user, fields, &mut text);
    }
    text.push_str("</users>\n");
    text.into_bytes()
}

fn write(user: &User, fields: UserFields, text: &mut String) {
    text.push_str("<user>");
    for field in fields.iter() {
        let Some(value) = field.value_of(user) else {
            continue;
        };
        let name = field.as_str();
        text.push_str(&format!("<{name}>"));
        value.chars().for_each(|c| escape(c, text));
        text.push_str(&format!("</{name}>"));
    }
    text.push_str("</user>");
}

fn escape(c: char, text: &mut String) {
    match c {
        '<' => text.push_str("&lt;"),
        '>' => text.push_str("&gt;"), // text must not contain `]]>`
        '&' => text.push_str("&amp;"),
        '\r' => text.push_str("&#13;"), // a parser would return a line feed
        c if is_char(c) => text.push(c),
        _ => text.push(char::REPLACEMENT_CHARACTER),
    }
}

/// Returns whether XML 1.0 can contain a character (section 2.2).
fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// Parses one user.
///
/// # Errors
/// The text is not well-formed, or `<user>` contains anything but elements with text.
pub(in crate::api) fn parse(bytes: &[u8]) -> Result<Json, FormatError> {
    let text = decode(bytes)?;
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !is_char(*c)) {
        let reason = format!("XML cannot hold the character U+{:04X}", u32::from(c));
        return Err(FormatError::at(text, at, reason));
    }
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut document = XmlParser::default();
    loop {
        let at = offset(reader.buffer_position());
        let event = reader.read_event();
        let event = event.map_err(|error| {
            FormatError::at(text, offset(reader.error_position()), error.to_string())
        })?;
        if event == Event::Eof {
            return document
                .finish()
                .map_err(|reason| FormatError::at(text, at, reason));
        }
        document
            .handle(event, at)
            .map_err(|reason| FormatError::at(text, at, reason))?;
    }
}

fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// The state of the parser.
#[derive(Default)]
struct XmlParser {
    root: RootState,
    /// The name and the text of the field that is being parsed.
    field: Option<(String, String)>,
    members: Vec<(String, Json)>,
    names: HashSet<String>,
}

#[derive(Default, PartialEq)]
enum RootState {
    #[default]
    NotOpened,
    Open,
    Closed,
}

type XmlErrorReason = String;

impl XmlParser {
    fn handle(&mut self, event: Event<'_>, at: usize) -> Result<(), XmlErrorReason> {
        match event {
            Event::Start(tag) => self.open(&tag),
            Event::Empty(tag) => {
                self.open(&tag)?;
                self.close();
                Ok(())
            }
            Event::End(_) => {
                self.close();
                Ok(())
            }
            Event::Text(text) if text.contains("]]>") => {
                Err("]]> must be written as ]]&gt; in text".to_owned())
            }
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) if self.field.is_some() => self.text(&text.xml10_content()),
            Event::CData(_) => Err("text outside the fields of the user".to_owned()),
            Event::GeneralRef(reference) => self.reference(&reference),
            Event::Comment(_) | Event::Eof => Ok(()),
            Event::Decl(declaration) => check_declaration(&declaration, at),
            Event::PI(_) => Err("processing instructions are not read here".to_owned()),
            Event::DocType(_) => Err("a document type is not read here; leave it out".to_owned()),
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), XmlErrorReason> {
        let name = tag.name().into_inner();
        if !is_name(name) {
            return Err(format!("{name:?} is not the name of an element"));
        }
        if !tag.attributes_raw().trim().is_empty() {
            return Err(format!(
                "the element {name} has attributes, which are not read here"
            ));
        }
        match (&self.root, &self.field) {
            (RootState::NotOpened, _) if name == "user" => self.root = RootState::Open,
            (RootState::NotOpened, _) => {
                return Err(format!("{name} stands where the element user should"));
            }
            (RootState::Closed, _) => {
                return Err("something follows the end of the user".to_owned());
            }
            (RootState::Open, Some((field, _))) => {
                return Err(format!(
                    "the element {name} stands in {field}, which holds text only"
                ));
            }
            (RootState::Open, None) if !self.names.insert(name.to_owned()) => {
                return Err(format!("the element {name} appears twice"));
            }
            (RootState::Open, None) => self.field = Some((name.to_owned(), String::new())),
        }
        Ok(())
    }

    fn close(&mut self) {
        match self.field.take() {
            Some((name, text)) => {
                let value = to_json(&name, text);
                self.members.push((name, value));
            }
            None => self.root = RootState::Closed,
        }
    }

    fn text(&mut self, text: &str) -> Result<(), XmlErrorReason> {
        match &mut self.field {
            Some((_, value)) => value.push_str(text),
            None if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err("text outside the fields of the user".to_owned()),
        }
        Ok(())
    }

    /// Adds the text of a reference such as `&amp;` or `&#38;`.
    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), XmlErrorReason> {
        let Some((_, value)) = &mut self.field else {
            return Err("text outside the fields of the user".to_owned());
        };
        let name: &str = reference;
        if reference.is_char_ref() {
            let c = reference.resolve_char_ref().ok().flatten();
            let c = c.filter(|c| is_char(*c));
            value.push(c.ok_or_else(|| format!("&{name}; is no character of XML"))?);
            return Ok(());
        }
        match resolve_xml_entity(name) {
            Some(text) => value.push_str(text),
            None => {
                return Err(format!(
                    "the entity &{name}; is not known; XML itself has five"
                ));
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<Json, XmlErrorReason> {
        match (self.root, self.field) {
            (RootState::Closed, _) => Ok(Json::Object(self.members)),
            (RootState::Open, Some((name, _))) => {
                Err(format!("the text ends where </{name}> should follow"))
            }
            (RootState::Open, None) => Err("the text ends where </user> should follow".to_owned()),
            (RootState::NotOpened, _) => Err("the text ends where <user> should follow".to_owned()),
        }
    }
}

/// Checks that the declaration comes first and names XML 1.0 and UTF-8.
fn check_declaration(declaration: &BytesDecl<'_>, at: usize) -> Result<(), XmlErrorReason> {
    if at > 0 {
        return Err("the XML declaration must stand first".to_owned());
    }
    let version = declaration.version().map_err(|error| error.to_string())?;
    if version != "1.0" {
        return Err(format!("XML {version} is not read here; send 1.0"));
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(encoding)) if encoding.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(Ok(encoding)) => Err(format!(
            "the encoding {encoding:?} is not read here; send UTF-8"
        )),
        Some(Err(error)) => Err(error.to_string()),
    }
}

/// Returns whether a text is a name (section 2.3). All characters outside ASCII are accepted.
fn is_name(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | ':') || !c.is_ascii();
    let inner = |c: char| first(c) || c.is_ascii_digit() || matches!(c, '-' | '.');
    text.starts_with(first) && text.chars().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::format::tests::{ada, fields_of, members, users};
    use crate::model::user::UserField;
    use proptest::prelude::*;

    #[test]
    fn written_user_has_one_element_for_each_field() {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        assert_eq!(
            text(one(&ada())),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<user><id>4</id>\
             <name>Ada &lt;&amp;]]&gt;, \"에이다\"</name><email>ada@example.com</email><role>admin</role>\
             <created_at>2026-01-01T00:00:00Z</created_at><updated_at>2026-01-01T00:01:01Z</updated_at></user>\n"
        );
        let mut user = ada();
        user.bio = Some("\r\n\t\0\u{ffff}\u{1f600}".to_owned());
        let fields = fields_of(&[UserField::Bio, UserField::Id]);
        assert_eq!(
            text(list(&[user, ada()], fields)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users><user><id>4</id>\
             <bio>&#13;\n\t\u{fffd}\u{fffd}\u{1f600}</bio></user><user><id>4</id></user></users>\n"
        );
        assert!(text(list(&[], fields)).ends_with("<users></users>\n"));
    }

    #[test]
    fn parse_returns_the_text_of_elements() {
        #[track_caller]
        fn check(text: &str, expected: &[(&str, &str)]) {
            let parsed = members(parse(text.as_bytes()).expect(text));
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, text)| ((*name).to_owned(), to_json(name, (*text).to_owned())))
                .collect();
            assert_eq!(parsed, expected, "{text:?}");
        }
        check("<user/>", &[]);
        check("<user></user>", &[]);
        check(
            "<user><name>Kim</name><id>7</id></user>",
            &[("name", "Kim"), ("id", "7")],
        );
        check(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<user >\r\n  <name >Kim</name >\r\n</user >\r\n",
            &[("name", "Kim")],
        );
        check(
            "<?xml version='1.0'?><!-- a --><user><!-- b --><name>K<!-- c -->im</name></user><!-- d -->",
            &[("name", "Kim")],
        );
        check(
            "<user><bio></bio><name/></user>",
            &[("bio", ""), ("name", "")],
        );
        check(
            "<user><bio> a\r\nb\rc </bio></user>",
            &[("bio", " a\nb\nc ")],
        );
        check(
            "<user><bio>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&#13;</bio></user>",
            &[("bio", "<>&\"'A\u{1f600}\r")],
        );
        check(
            "<user><bio>a<![CDATA[<b>&amp;]]>c</bio></user>",
            &[("bio", "a<b>&amp;c")],
        );
        check("<user><색>빨강</색></user>", &[("색", "빨강")]);
    }

    #[test]
    fn parse_error_has_line_and_column() {
        #[track_caller]
        fn check(text: impl AsRef<[u8]>, expected: &str) {
            let error = parse(text.as_ref()).expect_err(expected).to_string();
            assert!(error.starts_with(expected), "{error}");
        }
        check("", "line 1, column 1: the text ends where <user>");
        check("<user>", "line 1, column 7: the text ends where </user>");
        check(
            "<user>\n<name>",
            "line 2, column 7: the text ends where </name>",
        );
        check(
            "<users><user/></users>",
            "line 1, column 1: users stands where",
        );
        check("<user/><user/>", "line 1, column 8: something follows");
        check("<user/>x", "line 1, column 8: text outside");
        check("x<user/>", "line 1, column 1: text outside");
        check("<user>x</user>", "line 1, column 7: text outside");
        check("<user>&amp;</user>", "line 1, column 7: text outside");
        check(
            "<user><![CDATA[ ]]></user>",
            "line 1, column 7: text outside",
        );
        check(
            "<user><name><b>x</b></name></user>",
            "line 1, column 13: the element b stands in name",
        );
        check(
            "<user><name>a</name>\n <name>b</name></user>",
            "line 2, column 2: the element name appears twice",
        );
        check(
            "<user id='1'/>",
            "line 1, column 1: the element user has attributes",
        );
        check(
            "<user><name a=b>x</name></user>",
            "line 1, column 7: the element name has attributes",
        );
        check(
            "<!DOCTYPE user><user/>",
            "line 1, column 1: a document type",
        );
        check(
            "<!DOCTYPE u [<!ENTITY x \"y\">]><user><name>&x;</name></user>",
            "line 1, column 1: a document type",
        );
        check(
            "<user><name>&x;</name></user>",
            "line 1, column 13: the entity &x;",
        );
        check(
            "<user><name>&nbsp;</name></user>",
            "line 1, column 13: the entity &nbsp;",
        );
        for reference in [
            "&#0;",
            "&#xFFFE;",
            "&#xD800;",
            "&#x110000;",
            "&#;",
            "&#x;",
            "&#1;",
            "&#-1;",
            "&#99999999999;",
        ] {
            check(
                format!("<user><name>{reference}</name></user>"),
                "line 1, column 13: &#",
            );
        }
        check(
            "<?xml-stylesheet href='x'?><user/>",
            "line 1, column 1: processing instructions",
        );
        check(
            "<user><?php x?></user>",
            "line 1, column 7: processing instructions",
        );
        check(
            " <?xml version='1.0'?><user/>",
            "line 1, column 2: the XML declaration must",
        );
        check("<?xml version='1.1'?><user/>", "line 1, column 1: XML 1.1");
        check(
            "<?xml version='1.0' encoding='euc-kr'?><user/>",
            "line 1, column 1: the encoding \"euc-kr\"",
        );
        check("<user><name>]]></name></user>", "line 1, column 13: ]]>");
        check(
            "<user><name>\u{1}</name></user>",
            "line 1, column 13: XML cannot hold the character U+0001",
        );
        check(
            b"<user>\n<name>\xff",
            "line 2, column 7: the bytes are not valid UTF-8",
        );
        check(
            "<user><1a>x</1a></user>",
            "line 1, column 7: \"1a\" is not the name",
        );
        check("<user><a<b>x</a<b></user>", "line 1, column 7: ");
        for text in [
            "<user></name>",
            "<user><name>x</user>",
            "</user>",
            "<user",
            "<user><name",
            "<user><name>a & b</name></user>",
            "<user><name>&amp</name></user>",
            "<user><!-- a -- b --></user>",
            "<user><!-- a",
            "<user><name><![CDATA[x</name></user>",
            "<>",
            "<user><></></user>",
            "{\"name\":\"Kim\"}",
            "<user>< name>x</name></user>",
        ] {
            check(text, "line ");
        }
    }

    #[test]
    fn deeply_nested_elements_are_refused_at_the_first_level() {
        let deep = format!("<user>{}", "<a>".repeat(20_000));
        let error = parse(deep.as_bytes()).expect_err("too deep").to_string();
        assert!(
            error.starts_with("line 1, column 10: the element a stands in a"),
            "{error}"
        );
    }

    proptest! {
        /// A written list is well-formed and contains the same names.
        #[test]
        fn lists_are_well_formed(users in prop::collection::vec(users(), 0..5)) {
            let text = String::from_utf8(list(&users, UserFields::ALL)).expect("UTF-8");
            prop_assert!(text.chars().all(is_char));
            let inner = text.strip_prefix(DECLARATION).and_then(|text| text.strip_prefix("<users>"));
            let inner = inner.and_then(|text| text.strip_suffix("</users>\n")).expect("a list");
            let parts: Vec<_> = inner.split_inclusive("</user>").collect();
            prop_assert_eq!(parts.len(), users.len());
            for (part, user) in parts.iter().zip(&users) {
                let parsed = members(parse(part.as_bytes()).expect("a user"));
                prop_assert_eq!(&parsed[1].1, &Json::String(user.name.clone()));
            }
        }
    }
}
