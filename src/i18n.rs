//! The messages of the interface and the translations of English texts in the code.
//!
//! At start the Fluent file of each locale is resolved into a [`MessageCatalog`], and the TOML file into
//! [`Translations`]. Variables of a message become `{name}` placeholders, and a message with a selector
//! becomes one text for each variant, so that islands can format messages without Fluent. The lessons
//! are in `content`.

mod error;
mod fluent;

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::i18n::error::{line, message_error, translation_error};
use crate::i18n::fluent::FluentFile;
use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::translations::Translations;

pub use error::I18nError;

/// The messages and translations of all locales.
pub struct I18n {
    locales: BTreeMap<Locale, LocaleTexts>,
}

struct LocaleTexts {
    messages: MessageCatalog,
    reference: Translations,
    trace: Translations,
    problem: Translations,
}

/// The source texts of one locale.
#[derive(Clone, Debug)]
pub struct MessageSource {
    /// The locale of the texts.
    pub locale: Locale,
    /// The messages of the interface, in Fluent.
    pub messages: String,
    /// The translations of English texts of the code, in TOML; empty for a locale without translations.
    pub translations: String,
}

/// A translation file: maps from English texts of the code to their translations.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TranslationFile {
    /// Texts of the OpenAPI document.
    reference: BTreeMap<String, String>,
    /// Texts of traces.
    trace: BTreeMap<String, String>,
    /// Details of problems.
    problem: BTreeMap<String, String>,
}

impl I18n {
    /// Loads the built-in texts of each locale and those of a content folder, which override the built-in ones.
    ///
    /// # Errors
    /// Returns syntax errors, duplicate keys, messages without text and keys that are missing in another
    /// locale; for the content folder also keys, variables and translations that the built-in texts do not
    /// contain.
    pub fn load(built_in: &[MessageSource], own: &[MessageSource]) -> Result<I18n, Vec<I18nError>> {
        let mut errors = Vec::new();
        let mut all = BTreeMap::new();
        for source in built_in {
            match FluentFile::parse(source.locale, &source.messages) {
                Ok(messages) => drop(all.insert(source.locale, messages)),
                Err(found) => errors.extend(found),
            }
        }
        for (locale, here) in &all {
            for (other, there) in &all {
                let missing = there
                    .keys
                    .keys()
                    .filter(|key| !here.keys.contains_key(*key));
                errors.extend(missing.map(|key| {
                    message_error(
                        *locale,
                        1,
                        format!("key {key:?} is missing: add it, {other}.ftl has it"),
                    )
                }));
            }
        }
        let mut locales = BTreeMap::new();
        for source in built_in {
            let Some(messages) = all.get_mut(&source.locale) else {
                continue;
            };
            let mut file = parse_translations(source).unwrap_or_else(|found| {
                errors.push(found);
                TranslationFile::default()
            });
            for source in own.iter().filter(|own| own.locale == source.locale) {
                match FluentFile::parse(source.locale, &source.messages) {
                    Ok(own) => errors.extend(messages.override_with(own)),
                    Err(found) => errors.extend(found),
                }
                match parse_translations(source) {
                    Ok(own) => errors.extend(file.override_with(own, source)),
                    Err(found) => errors.push(found),
                }
            }
            let texts = LocaleTexts {
                messages: MessageCatalog::new(std::mem::take(&mut messages.texts)),
                reference: Translations::new(file.reference),
                trace: Translations::new(file.trace),
                problem: Translations::new(file.problem),
            };
            locales.insert(source.locale, texts);
        }
        match errors.is_empty() {
            true => Ok(I18n { locales }),
            false => Err(errors),
        }
    }

    /// Returns the messages of a locale.
    pub fn messages(&self, locale: Locale) -> &MessageCatalog {
        &self.texts(locale).messages
    }

    /// Returns the translations of the OpenAPI document for a locale.
    pub fn reference(&self, locale: Locale) -> &Translations {
        &self.texts(locale).reference
    }

    /// Returns the translations of traces for a locale.
    pub fn trace(&self, locale: Locale) -> &Translations {
        &self.texts(locale).trace
    }

    /// Returns the translations of the details of problems for a locale.
    pub fn problems(&self, locale: Locale) -> &Translations {
        &self.texts(locale).problem
    }

    fn texts(&self, locale: Locale) -> &LocaleTexts {
        self.locales
            .get(&locale)
            .expect("every locale is loaded at start")
    }
}

fn parse_translations(source: &MessageSource) -> Result<TranslationFile, I18nError> {
    toml::from_str(&source.translations).map_err(|cause: toml::de::Error| {
        let line = cause
            .span()
            .map_or(1, |span| line(&source.translations, span.start));
        translation_error(source.locale, line, cause.message().to_owned())
    })
}

impl TranslationFile {
    /// Overrides translations by those of a content folder; returns an error for each unknown English text.
    fn override_with(&mut self, own: TranslationFile, source: &MessageSource) -> Vec<I18nError> {
        let mut errors = Vec::new();
        for (texts, own) in [
            (&mut self.reference, own.reference),
            (&mut self.trace, own.trace),
            (&mut self.problem, own.problem),
        ] {
            for (english, text) in own {
                if !texts.contains_key(&english) {
                    let start = source.translations.find(&english).unwrap_or_default();
                    errors.push(translation_error(
                        source.locale,
                        line(&source.translations, start),
                        format!("the English text {english:?} is unknown: remove it"),
                    ));
                }
                texts.insert(english, text);
            }
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(locale: Locale, messages: &str, translations: &str) -> MessageSource {
        MessageSource {
            locale,
            messages: messages.to_owned(),
            translations: translations.to_owned(),
        }
    }

    fn load(ko: &str, en: &str) -> Result<I18n, Vec<I18nError>> {
        I18n::load(
            &[source(Locale::Ko, ko, ""), source(Locale::En, en, "")],
            &[],
        )
    }

    /// Returns file and line of every error.
    fn errors(loaded: Result<I18n, Vec<I18nError>>) -> Vec<(String, usize)> {
        let errors = loaded.err().expect("refused").into_iter();
        errors.map(|error| (error.file, error.line)).collect()
    }

    #[test]
    fn message_variables_become_placeholders() {
        let i18n = load("rows = { $count }개\n", "rows = {$count} rows\n").expect("loads");
        assert_eq!(
            i18n.messages(Locale::Ko).with("rows", &[("count", "3")]),
            "3개"
        );
        assert_eq!(i18n.messages(Locale::En).get("rows"), "{count} rows");
    }

    #[test]
    fn selector_with_number_or_name_returns_the_variant() {
        let en = "rows = { $count ->\n    [0] no rows\n    [one] { $count } row\n   *[other] { $count } rows\n } left\n";
        let i18n = load("rows = { $count }개\n", en).expect("loads");
        let rows = |count| i18n.messages(Locale::En).with("rows", &[("count", count)]);
        assert_eq!(rows("0"), "no rows left");
        assert_eq!(rows("1"), "1 row left");
        assert_eq!(rows("2"), "2 rows left");
        assert_eq!(i18n.messages(Locale::En).get("rows"), "{count} rows left");
        let named = "way = { $way ->\n    [session] by session\n   *[none] not at all\n }\n";
        let i18n = load(named, named).expect("loads");
        let way = |way| i18n.messages(Locale::Ko).with("way", &[("way", way)]);
        assert_eq!(
            (way("session"), way("x")),
            ("by session".into(), "not at all".into())
        );
        for wrong in [
            "a = { NUMBER($x) ->\n   *[other] b\n }\n",
            "a = { $x ->\n   *[other] b\n }{ $y ->\n   *[other] b\n }\n",
        ] {
            assert_eq!(
                errors(load(wrong, "a = A\n")),
                [("i18n/ko.ftl".to_owned(), 1)]
            );
        }
    }

    #[test]
    fn key_missing_in_another_locale_is_an_error() {
        let found = load("a = 가\nb = 나\n", "a = A\n").err().expect("refused");
        assert!(
            found[0].file.contains("en.ftl") && found[0].message.contains("\"b\""),
            "{found:?}"
        );
    }

    #[test]
    fn invalid_message_file_returns_errors_with_lines() {
        let file = |line| ("i18n/ko.ftl".to_owned(), line);
        assert_eq!(
            errors(load("b = 나\na = { $x\n", "a = A\nb = B\n"))[0],
            file(2)
        );
        assert_eq!(errors(load("a = 가\n\na = 나\n", "a = A\n")), [file(3)]);
        assert_eq!(errors(load("a =\n    .b = 나\n", "a = A\n"))[0], file(1));
    }

    #[test]
    fn content_folder_overrides_single_messages_and_rejects_unknown_keys() {
        let built_in = [
            source(
                Locale::Ko,
                "a = 가\nrows = { $count }개\n",
                "[trace]\n'A' = '가'\n'B' = '나'\n",
            ),
            source(Locale::En, "a = A\nrows = { $count } rows\n", ""),
        ];
        let load = |messages: &str, translations: &str| {
            I18n::load(&built_in, &[source(Locale::Ko, messages, translations)])
        };
        let i18n = load("a = 다\n", "[trace]\n'A' = '다'\n").expect("loads");
        assert_eq!(i18n.messages(Locale::Ko).get("a"), "다");
        assert_eq!(i18n.messages(Locale::Ko).get("rows"), "{count}개");
        assert_eq!(i18n.messages(Locale::En).get("a"), "A");
        assert_eq!(i18n.trace(Locale::Ko).find("A").as_deref(), Some("다"));
        assert_eq!(i18n.trace(Locale::Ko).find("B").as_deref(), Some("나"));
        let at = |file: &str, line| [(file.to_owned(), line)];
        assert_eq!(errors(load("a = 다\naa = 라\n", "")), at("i18n/ko.ftl", 2));
        assert_eq!(
            errors(load("rows = { $cuont }개\n", "")),
            at("i18n/ko.ftl", 1)
        );
        assert_eq!(
            errors(load("", "[trace]\n\n'C' = '다'\n")),
            at("i18n/ko.toml", 3)
        );
    }

    #[test]
    fn translation_is_found_by_its_english_text() {
        let load = |translations: &str| I18n::load(&[source(Locale::Ko, "", translations)], &[]);
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
            let errors = errors(load(wrong));
            assert_eq!(errors[0].0, "i18n/ko.toml", "{wrong}");
        }
    }
}
