//! What the placeholders of a request stand for at the moment of sending.

use std::cell::RefCell;

use leptos::prelude::window;
use web_sys::HtmlFormElement;

use super::fields;
use crate::http_file::{
    DateFormat, PlaceholderSource, ResolveError, ResponsePart, SystemVariable, fill,
};
use crate::model::http::{HttpResponse, RequestDraft};
use crate::model::json::Json;

thread_local! {
    /// The last response to each request of the page that has a name.
    static RESPONSES: RefCell<Vec<(String, HttpResponse)>> = RefCell::default();
    /// The token of the last response that had one.
    static TOKEN: RefCell<Option<String>> = RefCell::default();
}

/// Keeps what later requests may take from a response: all of it if its request has a name, a token
/// anyway.
pub(super) fn keep(name: Option<String>, response: &HttpResponse) {
    if let Some(token) = token_in(response) {
        TOKEN.set(Some(token));
    }
    if let Some(name) = name {
        RESPONSES.with_borrow_mut(|responses| {
            responses.retain(|(other, _)| *other != name);
            responses.push((name, response.clone()));
        });
    }
}

fn token_in(response: &HttpResponse) -> Option<String> {
    let json = Json::parse(response.body.text()?.as_bytes()).ok()?;
    json.member("token")?.as_text().map(str::to_owned)
}

/// The token of the last response that had one.
pub(super) fn token() -> Option<String> {
    TOKEN.with_borrow(Clone::clone)
}

/// The draft with its values put in.
///
/// # Errors
/// [`ResolveError`].
pub(super) fn resolve(
    form: &HtmlFormElement,
    draft: &RequestDraft,
) -> Result<RequestDraft, ResolveError> {
    let pairs = fields::fields(form);
    let known = |reference: &PlaceholderSource| match reference {
        PlaceholderSource::Variable(name) => {
            let field = ["prompt-", name].concat();
            let found = pairs.iter().find(|(name, _)| *name == field);
            found
                .map(|(_, value)| value.clone())
                .filter(|value| !value.is_empty())
        }
        PlaceholderSource::Response { name, part } => RESPONSES.with_borrow(|responses| {
            let (_, response) = responses.iter().find(|(other, _)| other == name)?;
            match part {
                ResponsePart::Header(header) => response.header(header).map(str::to_owned),
                ResponsePart::Body(path) => {
                    let json = Json::parse(response.body.text()?.as_bytes()).ok()?;
                    json.at(path).map(Json::as_value)
                }
            }
        }),
        PlaceholderSource::System(system) => Some(system_value(system)),
    };
    fill(draft, &known)
}

/// What the form holds, with the values put in if all are known: for showing it in other ways.
pub(super) fn known(form: &HtmlFormElement) -> RequestDraft {
    let draft = fields::read(form);
    resolve(form, &draft).unwrap_or(draft)
}

fn system_value(system: &SystemVariable) -> String {
    let now = js_sys::Date::new_0();
    match system {
        SystemVariable::Guid => guid(),
        SystemVariable::Timestamp => ((now.get_time() / 1000.0) as u64).to_string(),
        SystemVariable::RandomInt(from, to) => {
            let width = (to - from) as f64;
            (from + (js_sys::Math::random() * width) as i64).to_string()
        }
        SystemVariable::DateTime(DateFormat::Iso8601) => {
            let text: String = now.to_iso_string().into();
            [text.split('.').next().unwrap_or_default(), "Z"].concat()
        }
        SystemVariable::DateTime(DateFormat::Rfc1123) => now.to_utc_string().into(),
    }
}

/// A random UUID (RFC 9562, version 4), also outside of a secure context.
pub(super) fn guid() -> String {
    let mut bytes = [0_u8; 16];
    let filled = window()
        .crypto()
        .is_ok_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
    if !filled {
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if [4, 6, 8, 10].contains(&at) {
            text.push('-');
        }
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
    }
    text
}
