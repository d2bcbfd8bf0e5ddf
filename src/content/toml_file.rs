//! Reads a TOML file of an exercise or quiz and reports its errors with their lines.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::Spanned;

use crate::content::advice;
use crate::content::finding::{ContentFinding, Rule};
use crate::content::load::{SourceFile, normalise};
use crate::content::localized_text::LocalizedText;
use crate::model::locale::Locale;

/// A text by language as it is written; an unknown language is an error.
pub(super) type WrittenText = Spanned<BTreeMap<Locale, String>>;

/// A TOML file that is being read, with the errors so far.
pub(super) struct TomlFile<'a> {
    path: &'a str,
    text: String,
    /// The languages of the site.
    locales: &'a [Locale],
    rule: Rule,
    pub(super) findings: Vec<ContentFinding>,
}

impl<'a> TomlFile<'a> {
    /// Decodes a file. `rule` is the rule of the findings about its keys and values.
    pub(super) fn new(file: &'a SourceFile, locales: &'a [Locale], rule: Rule) -> TomlFile<'a> {
        let text = String::from_utf8_lossy(&file.bytes);
        TomlFile {
            path: &file.path,
            text: normalise(&text).into_owned(),
            locales,
            rule,
            findings: Vec::new(),
        }
    }

    /// Parses the file; a syntax error, a missing or an unknown key is a finding.
    pub(super) fn parse<T: DeserializeOwned>(&mut self) -> Option<T> {
        match toml::from_str(&self.text) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                let line = error.span().map_or(1, |span| self.line(span.start));
                self.report(line, advice::toml(error.message()));
                None
            }
        }
    }

    /// Returns the line of a byte offset, from 1.
    fn line(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or(&self.text);
        before.matches('\n').count() + 1
    }

    /// Returns the line of a value.
    pub(super) fn line_of<T>(&self, value: &Spanned<T>) -> usize {
        self.line(value.span().start)
    }

    /// Returns the line on which the text of a value begins: the next one for `'''` and `"""`.
    pub(super) fn first_line_of(&self, value: &Spanned<String>) -> usize {
        let written = self.text.get(value.span()).unwrap_or_default();
        let is_block = ["'''\n", "\"\"\"\n"]
            .iter()
            .any(|quotes| written.starts_with(quotes));
        self.line_of(value) + usize::from(is_block)
    }

    /// Reports an error.
    pub(super) fn report(&mut self, line: usize, message: String) {
        self.findings.push(ContentFinding {
            file: self.path.to_owned(),
            line,
            rule: self.rule,
            message,
        });
    }

    /// Reports the violation of another rule at a value.
    fn report_rule<T>(&mut self, value: &Spanned<T>, rule: Rule, message: String) {
        let line = self.line_of(value);
        self.findings.push(ContentFinding {
            file: self.path.to_owned(),
            line,
            rule,
            message,
        });
    }

    /// Reports an error at a value.
    pub(super) fn report_at<T>(&mut self, value: &Spanned<T>, message: impl Into<String>) {
        self.report(self.line_of(value), message.into());
    }

    /// Reports an id that is not the name of the file.
    pub(super) fn check_id(&mut self, id: &Spanned<String>) {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".toml").unwrap_or(name);
        let is_valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if id.get_ref() != name {
            self.report_at(id, format!("the id must be the name of the file, {name:?}"));
        } else if name.is_empty() || !name.chars().all(is_valid) {
            self.report_at(id, "an id consists of a-z, 0-9 and hyphens");
        }
    }

    /// Converts a text in each language of the site; a missing one is a finding.
    pub(super) fn localized(
        &mut self,
        written: &WrittenText,
        convert: impl Fn(&str) -> Result<String, String>,
    ) -> LocalizedText {
        let mut converted = BTreeMap::new();
        let text = |locale: &Locale| {
            let text = written.get_ref().get(locale).map(|text| text.trim());
            text.filter(|text| !text.is_empty())
        };
        // Where one language lacks a text, that of another is shown, as for lessons.
        let has_other = self.locales.iter().any(|locale| text(locale).is_some());
        for locale in self.locales {
            match text(locale) {
                None => {
                    let rule = if has_other {
                        Rule::Translation
                    } else {
                        self.rule
                    };
                    let message = format!("the text in {locale} is missing: add {locale} = \"…\"");
                    self.report_rule(written, rule, message);
                }
                Some(text) => match convert(text) {
                    Ok(text) => drop(converted.insert(*locale, text)),
                    Err(message) => self.report_at(written, format!("{locale}: {message}")),
                },
            }
        }
        LocalizedText(converted)
    }
}

/// Returns a text without conversion, for places that are not HTML.
pub(super) fn plain(text: &str) -> Result<String, String> {
    Ok(text.to_owned())
}
