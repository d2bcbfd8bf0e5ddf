//! Links to terms of the glossary, `[safe](term:safe)`: a button that shows the definition.
//!
//! The definition is a popover, which browsers open by a press and close by Escape without a script; `loader.js` shows it
//! also under the pointer and at the focus.

use super::{MarkdownReader, ReplacedPart, Replacement};
use crate::content::finding::Rule;
use crate::model::html::escape;

/// Returns the id of the term to which a destination leads.
pub(super) fn id(destination: &str) -> Option<&str> {
    destination.strip_prefix("term:")
}

impl MarkdownReader<'_> {
    /// Begins a term. An unknown one is reported and becomes its text.
    pub(super) fn start_term(&mut self, destination: &str, line: usize) {
        self.term = Some(String::new());
        let Some(term) = id(destination).and_then(|id| self.context.glossary.term(id)) else {
            let message = format!(
                "the glossary has no {destination}: add the term to glossary.toml, or correct the link"
            );
            return self.problem(line, Rule::Glossary, message);
        };
        if self.heading.is_some() {
            let message = "a heading cannot explain a term: mark it in the text below";
            return self.problem(line, Rule::Glossary, message);
        }
        self.parsed.terms.push(term.id.clone());
        let locale = self.context.locale;
        self.parsed.replacements.push(Replacement {
            line,
            part: ReplacedPart::Destination(destination.to_owned()),
            markdown: format!("/{locale}/glossary#{}", term.id),
        });
        let number = self.parsed.terms.len();
        let (id, name) = (&term.id, escape(term.name.get(locale)));
        let definition = term.definition.get(locale);
        let label = escape(&self.context.messages.get("glossary"));
        self.term = Some(format!(
            "</button><span class=\"term-definition\" id=\"term-{number}\" popover=\"auto\"><b>{name}</b> {definition} \
             <a href=\"/{locale}/glossary#{id}\">{label}</a></span></span>"
        ));
        self.push_html(format!(
            "<span class=\"term-group\"><button type=\"button\" class=\"term\" popovertarget=\"term-{number}\" \
             popovertargetaction=\"show\" aria-describedby=\"term-{number}\">"
        ));
    }

    /// Ends the open term.
    pub(super) fn end_term(&mut self) {
        if let Some(html) = self.term.take() {
            self.push_html(html);
        }
    }
}
