//! The words of the interface: Fluent files resolved once into plain [`Words`], one a language; and
//! what the code says in English only, in other languages, as [`Translations`].
//!
//! A message with variables keeps them as `{name}` placeholders, so that islands can fill them in
//! without Fluent. Lessons are not here: they are `content`.

use std::collections::BTreeMap;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

use serde::Deserialize;

use crate::model::locale::Locale;
use crate::model::translations::Translations;
use crate::model::words::Words;

/// The words of every language.
pub struct I18n {
    languages: BTreeMap<Locale, Language>,
}

struct Language {
    words: Words,
    reference: Translations,
    trace: Translations,
}

/// What a language is read from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Which language.
    pub locale: Locale,
    /// The words of the interface, in Fluent.
    pub words: String,
    /// What the code says in English, in TOML; empty in the language where nothing is translated.
    pub translations: String,
}

/// The file of what the code says in English: English to the language.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    /// The OpenAPI document.
    reference: BTreeMap<String, String>,
    /// What the server tells of a request.
    trace: BTreeMap<String, String>,
}

/// Why a language's words cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {message}")]
pub struct I18nError {
    file: String,
    message: String,
}

impl I18n {
    /// Reads the sources of each language.
    ///
    /// # Errors
    /// A syntax error, a duplicate key, a message without text, or a key that another language
    /// does not have; the text names file and key.
    pub fn load(sources: &[Source]) -> Result<I18n, I18nError> {
        let mut languages = BTreeMap::new();
        for source in sources {
            languages.insert(source.locale, language(source)?);
        }
        for (locale, here) in &languages {
            for (other, there) in &languages {
                if let Some(key) = there.words.keys().find(|key| !here.words.has(key)) {
                    return Err(error(
                        *locale,
                        format!("key {key:?} is missing; {other}.ftl has it"),
                    ));
                }
            }
        }
        Ok(I18n { languages })
    }

    /// The words of one language.
    pub fn words(&self, locale: Locale) -> &Words {
        &self.language(locale).words
    }

    /// What the document of the API says, in one language.
    pub fn reference(&self, locale: Locale) -> &Translations {
        &self.language(locale).reference
    }

    /// What the server tells of a request, in one language.
    pub fn trace(&self, locale: Locale) -> &Translations {
        &self.language(locale).trace
    }

    fn language(&self, locale: Locale) -> &Language {
        self.languages
            .get(&locale)
            .expect("every language is loaded at start")
    }
}

fn language(source: &Source) -> Result<Language, I18nError> {
    let file: File = toml::from_str(&source.translations).map_err(|cause| I18nError {
        file: format!("i18n/{}.toml", source.locale),
        message: cause.to_string().trim_end().to_owned(),
    })?;
    Ok(Language {
        words: parse(source.locale, &source.words)?,
        reference: Translations::new(file.reference),
        trace: Translations::new(file.trace),
    })
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
        let source = |(locale, words): (Locale, &str)| Source {
            locale,
            words: words.to_owned(),
            translations: String::new(),
        };
        I18n::load(&[(Locale::Ko, ko), (Locale::En, en)].map(source))
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

    #[test]
    fn what_the_code_says_is_found_by_its_english() {
        let load = |translations: &str| {
            I18n::load(&[Source {
                locale: Locale::Ko,
                words: String::new(),
                translations: translations.to_owned(),
            }])
        };
        let i18n = load("[reference]\n'A user.' = '사용자입니다.'\n").expect("loads");
        let found = |english| i18n.reference(Locale::Ko).find(english);
        assert_eq!(found("A user.").as_deref(), Some("사용자입니다."));
        assert_eq!(found("The user."), None);
        assert_eq!(i18n.trace(Locale::Ko).find("A user."), None);
        for wrong in [
            "[reference]\n'A' = '가'\n'A' = '나'\n",
            "[words]\n'A' = '가'\n",
            "[trace",
        ] {
            let error = load(wrong).err().expect(wrong).to_string();
            assert!(error.starts_with("i18n/ko.toml: "), "{error}");
        }
    }
}
