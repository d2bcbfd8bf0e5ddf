//! Parsing of directives and variables, the lines above a request line that begin with `# @` or `@`.

use super::BlockParser;
use crate::http_file::error::{ParseError, ParseErrorKind};
use crate::http_file::{BlockLine, Directive, SPACE, is_kebab_case, is_name};
use crate::model::expectation::{Expectation, ExpectedSend};

impl<'a> BlockParser<'a, '_> {
    /// Parses the text after `# @`.
    pub(super) fn directive(
        &mut self,
        text: &'a str,
        above: &[BlockLine],
    ) -> Result<Directive, ParseError> {
        let (key, value) = text
            .split_once(SPACE)
            .unwrap_or((text, &text[text.len()..]));
        let value = value.trim_start_matches(SPACE);
        let directives = || {
            above.iter().filter_map(|line| {
                if let BlockLine::Directive(directive) = line {
                    Some(directive)
                } else {
                    None
                }
            })
        };
        let (key, directive) = match key {
            "id" => ("id", Directive::Id(value.to_owned())),
            "name" => ("name", Directive::Name(value.to_owned())),
            "note" => ("note", Directive::Note(value.to_owned())),
            "predict" => ("predict", Directive::Predict),
            "no-redirect" => ("no-redirect", Directive::NoRedirect),
            "no-cookie-jar" => ("no-cookie-jar", Directive::NoCookieJar),
            "browser-cache" => ("browser-cache", Directive::BrowserCache),
            "prompt" => {
                let (name, label) = value.split_once(SPACE).unwrap_or((value, ""));
                let label = label.trim_start_matches(SPACE).to_owned();
                (
                    "prompt",
                    Directive::Prompt {
                        name: name.to_owned(),
                        label,
                    },
                )
            }
            "expect" if value.is_empty() => {
                return self.fail(text, ParseErrorKind::DirectiveWithoutValue("expect"));
            }
            "expect" => {
                let (send, value) = ExpectedSend::parse_prefix(value);
                match Expectation::parse(value) {
                    Ok(expectation) => ("expect", Directive::Expect { send, expectation }),
                    Err(error) => {
                        let offset = value
                            .char_indices()
                            .nth(error.column - 1)
                            .map_or(value.len(), |(at, _)| at);
                        return self
                            .fail(&value[offset..], ParseErrorKind::Expectation(error.kind));
                    }
                }
            }
            _ => return self.fail(text, ParseErrorKind::UnknownDirective(key.to_owned())),
        };
        let is_flag = matches!(
            directive,
            Directive::Predict
                | Directive::NoRedirect
                | Directive::NoCookieJar
                | Directive::BrowserCache
        );
        if is_flag && !value.is_empty() {
            return self.fail(value, ParseErrorKind::DirectiveWithValue(key));
        }
        if !is_flag && value.is_empty() {
            return self.fail(text, ParseErrorKind::DirectiveWithoutValue(key));
        }
        let may_repeat = matches!(
            directive,
            Directive::Prompt { .. } | Directive::Expect { .. } | Directive::Note(_)
        );
        if !may_repeat
            && directives()
                .any(|other| std::mem::discriminant(other) == std::mem::discriminant(&directive))
        {
            return self.fail(text, ParseErrorKind::RepeatedDirective(key));
        }
        match &directive {
            Directive::Id(id) if !is_kebab_case(id) => self.fail(value, ParseErrorKind::Id),
            Directive::Id(id) if self.file.blocks.iter().any(|block| block.id() == Some(id)) => {
                self.fail(value, ParseErrorKind::DuplicateId(id.clone()))
            }
            Directive::Name(name) if !is_name(name) => self.fail(value, ParseErrorKind::Name),
            Directive::Name(name)
                if self
                    .file
                    .blocks
                    .iter()
                    .any(|block| block.name() == Some(name)) =>
            {
                self.fail(value, ParseErrorKind::DuplicateName(name.clone()))
            }
            Directive::Prompt { .. } => {
                let (name, _) = value.split_once(SPACE).unwrap_or((value, ""));
                self.define(name, value).map(|()| directive)
            }
            _ => Ok(directive),
        }
    }

    /// Parses the text after the `@` of a variable.
    pub(super) fn variable(&mut self, text: &'a str) -> Result<BlockLine, ParseError> {
        let Some((name, value)) = text.split_once('=') else {
            return self.fail(text, ParseErrorKind::VariableWithoutValue);
        };
        let (name, value) = (
            name.trim_end_matches(SPACE),
            value.trim_start_matches(SPACE),
        );
        self.define(name, text)?;
        self.lines.check_placeholders(self.at, value)?;
        Ok(BlockLine::Variable {
            name: name.to_owned(),
            value: value.to_owned(),
        })
    }

    /// Adds the name of a variable or prompt, which must be unique in the block.
    fn define(&mut self, name: &'a str, part: &str) -> Result<(), ParseError> {
        if !is_name(name) {
            return self.fail(part, ParseErrorKind::Name);
        }
        match self.names.insert(name) {
            true => Ok(()),
            false => self.fail(part, ParseErrorKind::DuplicateVariable(name.to_owned())),
        }
    }
}
