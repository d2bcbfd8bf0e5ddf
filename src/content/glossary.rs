//! The glossary: the terms of `glossary.toml` with their definitions. That of an author's folder adds terms to the built-in
//! one, and replaces those with the same id.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::content::finding::{ContentFinding, Rule};
use crate::content::load::SourceFile;
use crate::content::localized_text::LocalizedText;
use crate::content::short_text::to_inline_html;
use crate::content::toml_file::{TomlFile, WrittenText, plain};
use crate::model::locale::Locale;

/// The path of the file in a content folder.
const FILE: &str = "glossary.toml";

/// The terms by their ids.
#[derive(Clone, Debug, Default)]
pub struct Glossary(BTreeMap<String, GlossaryTerm>);

/// A term with its definition.
#[derive(Clone, Debug)]
pub struct GlossaryTerm {
    /// The id, by which lessons link to the term (`term:ID`).
    pub id: String,
    /// The term itself, as plain text.
    pub name: LocalizedText,
    /// The definition: one paragraph as HTML.
    pub definition: LocalizedText,
    /// The definition as plain text, for the search.
    pub text: LocalizedText,
    /// Other words for the term, which the lessons do not use and readers search for.
    also: BTreeMap<Locale, Vec<String>>,
}

impl GlossaryTerm {
    /// Returns the other words for the term in a language.
    pub fn also(&self, locale: Locale) -> &[String] {
        self.also.get(&locale).map_or(&[], Vec::as_slice)
    }
}

/// A term as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenTerm {
    term: WrittenText,
    definition: WrittenText,
    #[serde(default)]
    also: BTreeMap<Locale, Vec<String>>,
}

impl Glossary {
    /// Parses the glossary of an author, over the built-in one if the site uses it; returns the findings of the author's.
    pub(super) fn parse(
        built_in: &[SourceFile],
        own: &[SourceFile],
        locales: &[Locale],
    ) -> (Glossary, Vec<ContentFinding>) {
        let mut glossary = Glossary::default();
        glossary.add(built_in, locales);
        let findings = glossary.add(own, locales);
        (glossary, findings)
    }

    /// Adds the terms of a file; returns its findings.
    fn add(&mut self, files: &[SourceFile], locales: &[Locale]) -> Vec<ContentFinding> {
        let Some(file) = files.iter().find(|file| file.path == FILE) else {
            return Vec::new();
        };
        let mut toml = TomlFile::new(file, locales, Rule::Glossary);
        let written: BTreeMap<toml::Spanned<String>, WrittenTerm> =
            toml.parse().unwrap_or_default();
        for (id, written) in written {
            let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if id.get_ref().is_empty() || !id.get_ref().chars().all(is_allowed) {
                let message = "the id of a term consists of a-z, 0-9 and hyphens: correct it";
                toml.report_at(&id, message);
            }
            let term = GlossaryTerm {
                id: id.get_ref().clone(),
                name: toml.localized(&written.term, plain),
                definition: toml.localized(&written.definition, to_inline_html),
                text: LocalizedText(plain_texts(written.definition.get_ref())),
                also: written.also,
            };
            self.0.insert(id.into_inner(), term);
        }
        toml.findings
    }

    /// Returns the term with an id.
    pub fn term(&self, id: &str) -> Option<&GlossaryTerm> {
        self.0.get(id)
    }

    /// Returns the terms in the order of a locale's alphabet.
    pub fn in_order(&self, locale: Locale) -> Vec<&GlossaryTerm> {
        let mut terms: Vec<_> = self.0.values().collect();
        terms.sort_by_key(|term| term.name.get(locale).to_lowercase());
        terms
    }

    /// Returns whether the site has no glossary.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Returns texts without the marks of code and emphasis.
fn plain_texts(texts: &BTreeMap<Locale, String>) -> BTreeMap<Locale, String> {
    let texts = texts.iter();
    texts
        .map(|(locale, text)| (*locale, text.trim().replace(['`', '*'], "")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Vec<SourceFile> {
        vec![SourceFile {
            path: FILE.to_owned(),
            bytes: text.as_bytes().to_vec(),
        }]
    }

    fn term(id: &str, name: &str) -> String {
        format!("[{id}]\nterm.en = {name:?}\ndefinition.en = \"The `{name}`.\"\n")
    }

    #[test]
    fn author_adds_terms_and_replaces_them_by_id() {
        let built_in = file(&[term("safe", "safe"), term("cache", "cache")].concat());
        let own = file(&[term("cache", "Our cache"), term("order", "order")].concat());
        let (glossary, found) = Glossary::parse(&built_in, &own, &[Locale::En]);
        assert_eq!(found, []);
        let terms = glossary.in_order(Locale::En).into_iter();
        let names: Vec<_> = terms.map(|term| term.name.get(Locale::En)).collect();
        assert_eq!(names, ["order", "Our cache", "safe"]);
        let cache = glossary.term("cache").expect("the term");
        let html = "The <code>Our cache</code>.";
        assert_eq!(cache.definition.get(Locale::En), html);
        assert_eq!(cache.text.get(Locale::En), "The Our cache.");
    }

    #[test]
    fn error_in_a_term_is_a_finding_with_its_line() {
        let safe = term("safe", "safe");
        for (text, line, rule) in [
            (term("Safe", "safe"), 4, Rule::Glossary),
            ("[a]\nterm.en = \"A\"\n".to_owned(), 4, Rule::Glossary),
            ("[a]\nterm.ko = \"A\"\n".to_owned(), 4, Rule::Glossary),
            (
                "[a]\nterm.en = \"A\"\ndefinition.en = \"<b>\"\n".to_owned(),
                6,
                Rule::Glossary,
            ),
            (
                "[a]\nterm.en = \"A\"\ndefinition.en = \"\"\n".to_owned(),
                6,
                Rule::Glossary,
            ),
        ] {
            let (_, found) = Glossary::parse(&[], &file(&[&safe, &*text].concat()), &[Locale::En]);
            let found = found.first().expect("a finding");
            assert_eq!((found.line, found.rule), (line, rule), "{text}: {found}");
        }
        let (_, found) = Glossary::parse(&[], &file(&safe), &[Locale::En, Locale::Ko]);
        let rules: Vec<_> = found.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, [Rule::Translation, Rule::Translation]);
    }
}
