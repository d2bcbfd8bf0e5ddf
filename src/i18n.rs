//! The messages of the interface and the translations of English texts in the code.
//!
//! At start the Fluent file of each locale is resolved into a [`MessageCatalog`], and the TOML file into
//! [`Translations`]. Variables of a message become `{name}` placeholders, and a message with a selector
//! becomes one text for each variant, so that islands can format messages without Fluent. The lessons
//! are in `content`.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use fluent_syntax::ast;
use serde::Deserialize;

use crate::model::locale::Locale;
use crate::model::messages::MessageCatalog;
use crate::model::translations::Translations;

/// The messages and translations of all locales.
pub struct I18n {
    languages: BTreeMap<Locale, LanguageMessages>,
}

struct LanguageMessages {
    words: MessageCatalog,
    reference: Translations,
    trace: Translations,
}

/// The source texts of one locale.
#[derive(Clone, Debug)]
pub struct MessageSource {
    /// The locale of the texts.
    pub locale: Locale,
    /// The messages of the interface, in Fluent.
    pub words: String,
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
}

/// An error in the messages or translations of a locale.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{file}:{line}: error[words]: {message}")]
pub struct I18nError {
    /// The path inside the content folder.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// A description of the error and of its correction.
    pub message: String,
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
            match Messages::read(source.locale, &source.words) {
                Ok(messages) => drop(all.insert(source.locale, messages)),
                Err(found) => errors.extend(found),
            }
        }
        for (locale, here) in &all {
            for (other, there) in &all {
                let missing = there.keys.keys().find(|key| !here.keys.contains_key(*key));
                errors.extend(missing.map(|key| {
                    error(
                        *locale,
                        1,
                        format!("key {key:?} is missing; {other}.ftl has it"),
                    )
                }));
            }
        }
        let mut languages = BTreeMap::new();
        for source in built_in {
            let Some(messages) = all.get_mut(&source.locale) else {
                continue;
            };
            let mut file = translations(source).unwrap_or_else(|found| {
                errors.push(found);
                TranslationFile::default()
            });
            for source in own.iter().filter(|own| own.locale == source.locale) {
                match Messages::read(source.locale, &source.words) {
                    Ok(own) => errors.extend(messages.replace(own)),
                    Err(found) => errors.extend(found),
                }
                match translations(source) {
                    Ok(own) => errors.extend(file.replace(own, source)),
                    Err(found) => errors.push(found),
                }
            }
            let language = LanguageMessages {
                words: MessageCatalog::new(std::mem::take(&mut messages.texts)),
                reference: Translations::new(file.reference),
                trace: Translations::new(file.trace),
            };
            languages.insert(source.locale, language);
        }
        match errors.is_empty() {
            true => Ok(I18n { languages }),
            false => Err(errors),
        }
    }

    /// Returns the messages of a locale.
    pub fn words(&self, locale: Locale) -> &MessageCatalog {
        &self.language(locale).words
    }

    /// Returns the translations of the OpenAPI document for a locale.
    pub fn reference(&self, locale: Locale) -> &Translations {
        &self.language(locale).reference
    }

    /// Returns the translations of traces for a locale.
    pub fn trace(&self, locale: Locale) -> &Translations {
        &self.language(locale).trace
    }

    fn language(&self, locale: Locale) -> &LanguageMessages {
        self.languages
            .get(&locale)
            .expect("every language is loaded at start")
    }
}

fn translations(source: &MessageSource) -> Result<TranslationFile, I18nError> {
    toml::from_str(&source.translations).map_err(|cause: toml::de::Error| {
        let line = cause
            .span()
            .map_or(1, |span| line(&source.translations, span.start));
        I18nError {
            message: cause.message().to_owned(),
            ..translation_error(source.locale, line)
        }
    })
}

fn translation_error(locale: Locale, line: usize) -> I18nError {
    I18nError {
        file: format!("i18n/{locale}.toml"),
        line,
        message: String::new(),
    }
}

impl TranslationFile {
    /// Overrides translations by those of a content folder; returns an error for each unknown English text.
    fn replace(&mut self, own: TranslationFile, source: &MessageSource) -> Vec<I18nError> {
        let mut errors = Vec::new();
        for (texts, own) in [
            (&mut self.reference, own.reference),
            (&mut self.trace, own.trace),
        ] {
            for (english, text) in own {
                if !texts.contains_key(&english) {
                    let start = source.translations.find(&english).unwrap_or_default();
                    errors.push(I18nError {
                        message: format!("nothing says {english:?}"),
                        ..translation_error(source.locale, line(&source.translations, start))
                    });
                }
                texts.insert(english, text);
            }
        }
        errors
    }
}

fn error(locale: Locale, line: usize, message: String) -> I18nError {
    I18nError {
        file: format!("i18n/{locale}.ftl"),
        line,
        message,
    }
}

/// Returns the line of a byte offset, from 1.
fn line(text: &str, at: usize) -> usize {
    text.as_bytes()
        .iter()
        .take(at)
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

/// The line and the variables of a message.
struct Key {
    line: usize,
    variables: BTreeSet<String>,
}

/// The messages of one file.
struct Messages {
    locale: Locale,
    keys: BTreeMap<String, Key>,
    /// The texts by key; the text of a variant has the key `key[variable=variant]`.
    texts: BTreeMap<String, String>,
}

impl Messages {
    /// Parses a file and resolves each message; variables become placeholders.
    fn read(locale: Locale, source: &str) -> Result<Messages, Vec<I18nError>> {
        let (resource, faults) = match fluent_syntax::parser::parse(source) {
            Ok(resource) => (resource, Vec::new()),
            Err((resource, faults)) => (resource, faults),
        };
        let mut errors: Vec<I18nError> = faults
            .iter()
            .map(|fault| {
                let entry = fault.slice.as_ref().unwrap_or(&fault.pos);
                error(locale, line(source, entry.start), fault.kind.to_string())
            })
            .collect();
        let mut bundle = FluentBundle::new(vec![locale.as_str().parse().expect("a language tag")]);
        bundle.set_use_isolating(false);
        let parsed = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(some, _)| some);
        // Overriding is harmless, because duplicate keys are reported with their lines below.
        bundle.add_resource_overriding(parsed);
        let mut messages = Messages {
            locale,
            keys: BTreeMap::new(),
            texts: BTreeMap::new(),
        };
        let mut resolved = Vec::new();
        for entry in &resource.body {
            let ast::Entry::Message(message) = entry else {
                continue;
            };
            let name = message.id.name;
            let at = line(source, name.as_ptr().addr() - source.as_ptr().addr());
            let mut fail = |text: String| errors.push(error(locale, at, text));
            let Some(value) = &message.value else {
                fail(format!("key {name:?} has no text"));
                continue;
            };
            let mut variables = BTreeSet::new();
            collect(value, &mut variables);
            match variants(name, value) {
                Ok(variants) => resolved.extend(variants.into_iter().map(|one| (at, one))),
                Err(text) => fail(text),
            }
            let key = Key {
                line: at,
                variables,
            };
            if messages.keys.insert(name.to_owned(), key).is_some() {
                fail(format!("key {name:?} is there twice"));
            }
        }
        let mut variables = FluentArgs::new();
        for name in messages.keys.values().flat_map(|key| &key.variables) {
            variables.set(name.clone(), FluentValue::from(format!("{{{name}}}")));
        }
        for (at, (key, pattern)) in &resolved {
            let mut faults = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&variables), &mut faults);
            errors.extend(
                faults
                    .iter()
                    .map(|fault| error(locale, *at, format!("key {key:?}: {fault}"))),
            );
            messages.texts.insert(key.clone(), text.into_owned());
        }
        match errors.is_empty() {
            true => Ok(messages),
            false => Err(errors),
        }
    }

    /// Overrides messages by those of a content folder; returns an error for each unknown key or variable.
    fn replace(&mut self, own: Messages) -> Vec<I18nError> {
        let mut errors = Vec::new();
        for (name, key) in &own.keys {
            let fail = |text| error(self.locale, key.line, text);
            let Some(known) = self.keys.get(name) else {
                errors.push(fail(format!(
                    "nothing asks for the key {name:?}: remove it"
                )));
                continue;
            };
            for variable in key.variables.difference(&known.variables) {
                errors.push(fail(format!(
                    "key {name:?} is not given a variable ${variable}"
                )));
            }
            let variant = format!("{name}[");
            self.texts
                .retain(|key, _| key != name && !key.starts_with(&variant));
        }
        self.texts.extend(own.texts);
        errors
    }
}

type Pattern<'s> = ast::Pattern<&'s str>;

/// Returns the texts of a message: one, or one for each variant of its selector. The text of the default
/// variant is also returned under the key of the message.
fn variants<'s>(name: &str, value: &Pattern<'s>) -> Result<Vec<(String, Pattern<'s>)>, String> {
    let selects = |element: &ast::PatternElement<&str>| {
        matches!(
            element,
            ast::PatternElement::Placeable {
                expression: ast::Expression::Select { .. }
            }
        )
    };
    let Some(at) = value.elements.iter().position(selects) else {
        return Ok(vec![(name.to_owned(), value.clone())]);
    };
    let ast::PatternElement::Placeable {
        expression: ast::Expression::Select { selector, variants },
    } = &value.elements[at]
    else {
        return Ok(Vec::new());
    };
    let ast::InlineExpression::VariableReference { id } = selector else {
        return Err(format!(
            "key {name:?}: a selector is a variable: {{ $count -> … }}"
        ));
    };
    let mut texts = Vec::new();
    for variant in variants {
        let (ast::VariantKey::Identifier { name: case }
        | ast::VariantKey::NumberLiteral { value: case }) = &variant.key;
        let mut elements = value.elements.clone();
        elements.splice(at..=at, variant.value.elements.iter().cloned());
        if elements.iter().any(selects) {
            return Err(format!("key {name:?} has more than one selector"));
        }
        let key = format!("{name}[{}={case}]", id.name);
        let text = ast::Pattern { elements };
        if variant.default {
            texts.push((name.to_owned(), text.clone()));
        }
        texts.push((key, text));
    }
    Ok(texts)
}

/// Collects the variables of a pattern.
fn collect(pattern: &Pattern<'_>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            collect_from(expression, variables);
        }
    }
}

fn collect_from(expression: &ast::Expression<&str>, variables: &mut BTreeSet<String>) {
    let inline = match expression {
        ast::Expression::Select { selector, variants } => {
            variants
                .iter()
                .for_each(|variant| collect(&variant.value, variables));
            selector
        }
        ast::Expression::Inline(inline) => inline,
    };
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => collect_from(expression, variables),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(locale: Locale, words: &str, translations: &str) -> MessageSource {
        MessageSource {
            locale,
            words: words.to_owned(),
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
            i18n.words(Locale::Ko).with("rows", &[("count", "3")]),
            "3개"
        );
        assert_eq!(i18n.words(Locale::En).get("rows"), "{count} rows");
    }

    #[test]
    fn selector_with_number_or_name_returns_the_variant() {
        let en = "rows = { $count ->\n    [0] no rows\n    [one] { $count } row\n   *[other] { $count } rows\n } left\n";
        let i18n = load("rows = { $count }개\n", en).expect("loads");
        let rows = |count| i18n.words(Locale::En).with("rows", &[("count", count)]);
        assert_eq!(rows("0"), "no rows left");
        assert_eq!(rows("1"), "1 row left");
        assert_eq!(rows("2"), "2 rows left");
        assert_eq!(i18n.words(Locale::En).get("rows"), "{count} rows left");
        let named = "way = { $way ->\n    [session] by session\n   *[none] not at all\n }\n";
        let i18n = load(named, named).expect("loads");
        let way = |way| i18n.words(Locale::Ko).with("way", &[("way", way)]);
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
        let load = |words: &str, translations: &str| {
            I18n::load(&built_in, &[source(Locale::Ko, words, translations)])
        };
        let i18n = load("a = 다\n", "[trace]\n'A' = '다'\n").expect("loads");
        assert_eq!(i18n.words(Locale::Ko).get("a"), "다");
        assert_eq!(i18n.words(Locale::Ko).get("rows"), "{count}개");
        assert_eq!(i18n.words(Locale::En).get("a"), "A");
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
