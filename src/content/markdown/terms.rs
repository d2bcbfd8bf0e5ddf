//! Links to terms of the glossary, `[safe](term:safe)`: a button that shows the definition. `[](term:safe)` shows the name of the term.
//!
//! The definition is a popover, which browsers open by a press and close by Escape without a script; `loader.js` shows it
//! also under the pointer and at the focus.

use pulldown_cmark::Event;

use super::{MarkdownReader, ReplacedPart, Replacement};
use crate::content::finding::Rule;
use crate::model::html::escape;

/// Returns the id of the term to which a destination leads.
pub(super) fn id(destination: &str) -> Option<&str> {
    destination.strip_prefix("term:")
}

/// A link to a term of which the end is not read yet.
#[derive(Default)]
pub(super) struct OpenTerm {
    /// What follows its text; empty for a link that is a problem.
    end: String,
    /// The text of a link that has none of its own: the name of the term.
    name: String,
    /// The number of events before its text.
    start: usize,
}

impl MarkdownReader<'_> {
    /// Begins a term. An unknown one is reported and becomes its text.
    pub(super) fn start_term(&mut self, destination: &str, line: usize) {
        self.term = Some(OpenTerm::default());
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
        let text = term.name.get(locale).to_owned();
        let (id, name) = (&term.id, escape(&text));
        let definition = term.definition.get(locale);
        let label = escape(&self.context.messages.get("glossary"));
        let end = format!(
            "</button><span class=\"term-definition\" id=\"term-{number}\" popover=\"auto\"><b>{name}</b> {definition} \
             <a href=\"/{locale}/glossary#{id}\">{label}</a></span></span>"
        );
        self.push_html(format!(
            "<span class=\"term-group\"><button type=\"button\" class=\"term\" popovertarget=\"term-{number}\" \
             popovertargetaction=\"show\" aria-describedby=\"term-{number}\">"
        ));
        self.term = Some(OpenTerm {
            end,
            name: text,
            start: self.events.len(),
        });
    }

    /// Ends the open term.
    pub(super) fn end_term(&mut self) {
        let Some(OpenTerm { end, name, start }) = self.term.take() else {
            return;
        };
        if self.events.len() == start {
            self.add_text(&name);
            self.events.push(Event::Text(name.into()));
        }
        self.push_html(end);
    }
}
