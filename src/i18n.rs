//! The words of the interface: Fluent files resolved once into plain [`Words`], one a language.
//!
//! A message with variables keeps them as `{name}` placeholders, so that islands can fill them in
//! without Fluent. Lessons are not here: they are `content`.

use std::collections::BTreeMap;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

use crate::model::locale::Locale;
use crate::model::words::Words;

/// The words of every language.
pub struct I18n {
    words: BTreeMap<Locale, Words>,
}

/// Why a language's words cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct I18nError {
    file: String,
    message: String,
}

impl I18n {
    /// Reads the Fluent source of each language.
    ///
    /// # Errors
    /// A syntax error, a duplicate key, a message without text, or a key that another language
    /// does not have; the text names file and key.
    pub fn load(sources: &[(Locale, String)]) -> Result<I18n, I18nError> {
        let mut words = BTreeMap::new();
        for (locale, source) in sources {
            words.insert(*locale, parse(*locale, source)?);
        }
        for (locale, here) in &words {
            for (other, there) in &words {
                if let Some(key) = there.keys().find(|key| !here.has(key)) {
                    return Err(error(
                        *locale,
                        format!("key {key:?} is missing; {other}.ftl has it"),
                    ));
                }
            }
        }
        Ok(I18n { words })
    }

    /// The words of one language.
    pub fn words(&self, locale: Locale) -> &Words {
        self.words
            .get(&locale)
            .expect("every language is loaded at start")
    }
}

fn error(locale: Locale, message: String) -> I18nError {
    I18nError {
        file: format!("i18n/{locale}.ftl"),
        message,
    }
}

fn list(errors: &[impl ToString]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

fn parse(locale: Locale, source: &str) -> Result<Words, I18nError> {
    let resource = FluentResource::try_new(source.to_owned())
        .map_err(|(_, errors)| error(locale, list(&errors)))?;
    let mut keys = Vec::new();
    let mut variables = FluentArgs::new();
    for line in source.lines() {
        if let Some((key, _)) = line.split_once(" =").filter(|(key, _)| is_key(key)) {
            keys.push(key.to_owned());
        }
        for name in line
            .split("{ $")
            .skip(1)
            .filter_map(|rest| rest.split_once(" }"))
            .map(|(name, _)| name)
        {
            variables.set(name.to_owned(), FluentValue::from(format!("{{{name}}}")));
        }
    }
    let mut bundle = FluentBundle::new(vec![locale.as_str().parse().expect("a language tag")]);
    bundle.set_use_isolating(false);
    bundle
        .add_resource(resource)
        .map_err(|errors| error(locale, list(&errors)))?;
    let mut words = BTreeMap::new();
    for key in keys {
        let pattern = bundle
            .get_message(&key)
            .and_then(|message| message.value())
            .ok_or_else(|| error(locale, format!("key {key:?} has no text")))?;
        let mut errors = Vec::new();
        let text = bundle
            .format_pattern(pattern, Some(&variables), &mut errors)
            .into_owned();
        if let Some(first) = errors.first() {
            return Err(error(locale, format!("key {key:?}: {first}")));
        }
        words.insert(key, text);
    }
    Ok(Words::new(words))
}

fn is_key(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(ko: &str, en: &str) -> Result<I18n, I18nError> {
        I18n::load(&[(Locale::Ko, ko.to_owned()), (Locale::En, en.to_owned())])
    }

    #[test]
    fn variables_stay_as_placeholders() {
        let i18n = load("rows = { $count }개\n", "rows = { $count } rows\n").expect("loads");
        assert_eq!(
            i18n.words(Locale::Ko).with("rows", &[("count", "3")]),
            "3개"
        );
        assert_eq!(i18n.words(Locale::En).get("rows"), "{count} rows");
    }

    #[test]
    fn the_languages_have_the_same_keys() {
        let error = load("a = 가\nb = 나\n", "a = A\n")
            .err()
            .expect("refused")
            .to_string();
        assert!(
            error.contains("en.ftl") && error.contains("\"b\""),
            "{error}"
        );
    }

    #[test]
    fn a_broken_file_is_named() {
        let error = load("a = { $x\n", "a = A\n")
            .err()
            .expect("refused")
            .to_string();
        assert!(error.contains("ko.ftl"), "{error}");
    }
}
