//! The values of placeholders at the moment of sending.

use leptos::prelude::*;

use crate::http_file::{DateFormat, EarlierResponses, PlaceholderSource, SystemVariable};
use crate::model::http::HttpResponse;

/// A value that the reader enters.
#[derive(Clone)]
pub(super) struct Prompt {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) value: RwSignal<String>,
}

/// The responses of the page from which later requests take values; one for the page.
#[derive(Clone, Copy)]
pub(crate) struct PageResponses(RwSignal<EarlierResponses>);

impl PageResponses {
    pub(crate) fn new() -> PageResponses {
        PageResponses(RwSignal::new(EarlierResponses::default()))
    }

    /// Stores the response to the request `name`.
    pub(super) fn store(self, name: String, response: &HttpResponse) {
        self.0.update(|responses| responses.store(name, response));
    }

    /// Returns the value of a placeholder.
    pub(super) fn value(self, prompts: &[Prompt], kind: &PlaceholderSource) -> Option<String> {
        match kind {
            PlaceholderSource::Variable(name) => {
                let prompt = prompts.iter().find(|prompt| prompt.name == *name)?;
                Some(prompt.value.get()).filter(|value| !value.is_empty())
            }
            PlaceholderSource::Response { name, part } => {
                self.0.with(|responses| responses.value(name, part))
            }
            PlaceholderSource::System(variable) => Some(system_value(variable)),
        }
    }
}

fn system_value(variable: &SystemVariable) -> String {
    let now = js_sys::Date::new_0();
    match variable {
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

/// Returns a random UUID (RFC 9562, version 4), also outside of a secure context.
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
