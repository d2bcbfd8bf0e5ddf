//! Fenced blocks: requests, sample responses, exercises, quizzes, code and tabs.

use crate::content::fence::{self, Fence};
use crate::content::finding::Rule;
use crate::content::lesson::{CodeTab, LessonBlock, Playground, SampleBlock};
use crate::content::markdown::{MarkdownReader, ReplacedPart, Replacement};
use crate::http_file::{self, PlaceholderSource, RequestBlock as HttpBlock, ResolveError};
use crate::model::diagram::Diagram;
use crate::model::http::RequestDraft;

/// How often the check sends a request at most.
const SENDS_MAX: u32 = 20;

/// Returns the number of lines of a fence before those of its only block, which may begin with a separator.
fn lines_before_block(text: &str) -> usize {
    let separator = text.lines().position(|line| line.starts_with("###"));
    let before = separator.filter(|at| text.lines().take(*at).all(|line| line.trim().is_empty()));
    before.map_or(0, |at| at + 1)
}

/// Returns the text that the form of a request shows, without the directives of the fence.
fn shown_text(draft: &RequestDraft) -> String {
    let mut text = format!("{} {}\n", draft.method, draft.target);
    for header in &draft.headers {
        text.push_str(&format!("{}: {}\n", header.name, header.value));
    }
    text.push_str(&draft.body);
    text
}

impl MarkdownReader<'_> {
    pub(super) fn fence(&mut self, info: &str, text: String, line: usize) {
        let fence = match fence::parse(info) {
            Ok(fence) => fence,
            Err((rule, message)) => return self.problem(line, rule, message),
        };
        if self.depth > 0
            && (matches!(
                fence,
                Fence::Http { .. } | Fence::Diagram { .. } | Fence::Assessment { .. }
            ) || matches!(fence, Fence::Code { tab: Some(_), .. }))
        {
            return self.problem(
                line,
                Rule::Fence,
                "a request, a diagram, an exercise, a quiz or a tab cannot be inside a list or a quotation: move it out",
            );
        }
        let has_text = !text.is_empty();
        let text = match &fence {
            Fence::Code {
                source: Some(source),
                ..
            } if text.is_empty() => match self.context.programs.extract(source) {
                Ok(text) => {
                    self.parsed.sources.push((line, text.clone()));
                    text
                }
                Err(message) => return self.problem(line, Rule::Source, message),
            },
            Fence::Code {
                source: Some(_), ..
            } => {
                let message = "a fence with source= shows a function: leave the fence empty";
                return self.problem(line, Rule::Source, message);
            }
            _ => text,
        };
        // The code of the programs is not the text of the lesson.
        if has_text && matches!(fence, Fence::Code { .. }) {
            self.passages.add_block(&text);
        }
        match fence {
            // A response begins with the protocol version; a request never does.
            Fence::Http { side } if text.starts_with("HTTP/") => {
                self.finish_tabs();
                self.sample(&text, side, line);
            }
            Fence::Http { side } => {
                self.finish_tabs();
                self.playground(&text, side, line);
            }
            Fence::Diagram { kind } => {
                self.finish_tabs();
                self.finish_html();
                match Diagram::parse(&kind, &text) {
                    Ok(diagram) => {
                        self.passages.add_block(&diagram.text());
                        self.parsed.blocks.push(LessonBlock::Diagram(diagram));
                    }
                    Err((at, message)) => self.problem(line + at, Rule::Diagram, message),
                }
            }
            Fence::Assessment { .. } if !text.trim().is_empty() => {
                let message = "the text is in the file of this id: leave the fence empty";
                self.problem(line, Rule::Fence, message);
            }
            Fence::Assessment { kind, id } => {
                self.finish_tabs();
                self.finish_html();
                match self.context.assessments.block(&kind, &id) {
                    Ok(block) => {
                        let (locale, messages) = (self.context.locale, self.context.messages);
                        let title = match &block {
                            LessonBlock::Exercise(exercise) => {
                                exercise.title.get(locale).to_owned()
                            }
                            _ => messages.get("quiz-label"),
                        };
                        let folder = match kind.as_str() {
                            "exercise" => "exercises",
                            _ => "quizzes",
                        };
                        self.parsed.replacements.push(Replacement {
                            line,
                            part: ReplacedPart::Fence,
                            markdown: format!("[{title}](/{locale}/{folder}/{id})"),
                        });
                        self.parsed.blocks.push(block);
                    }
                    Err(Some(message)) => {
                        self.problem(line, Rule::UnknownAssessment, message);
                    }
                    Err(None) => {}
                }
            }
            Fence::Code {
                language,
                tab: None,
                ..
            } => {
                self.finish_tabs();
                self.highlighted(&language, &text, line);
            }
            Fence::Code {
                language,
                tab: Some(key),
                ..
            } => {
                self.finish_html();
                match self.context.highlighter.code(&language, &text) {
                    Ok(code) => self.tabs.push(CodeTab { key, code }),
                    Err(message) => self.problem(line, Rule::Language, message),
                }
            }
        }
    }

    fn highlighted(&mut self, language: &str, text: &str, line: usize) {
        match self.context.highlighter.code(language, text) {
            Ok(code) if self.depth == 0 => {
                self.finish_html();
                self.parsed.blocks.push(LessonBlock::Code(code));
            }
            Ok(code) => self.push_html(code.html().to_owned()),
            Err(message) => self.problem(line, Rule::Language, message),
        }
    }

    /// Reports placeholders that neither a prompt of the request nor a named earlier request of the page
    /// provides.
    fn check_references(&mut self, block: &HttpBlock, text: &str, line: usize) {
        let unknown = match block.draft() {
            Ok(_) => return,
            Err(ResolveError::Unknown(unknown)) => unknown,
            Err(ResolveError::TooLarge) => {
                let message =
                    "the request is too long with the values of its variables: shorten them";
                return self.problem(line, Rule::Http, message);
            }
        };
        for reference in unknown {
            let is_known = match &reference {
                PlaceholderSource::Variable(name) => block.prompts().any(|(prompt, _)| prompt == name),
                PlaceholderSource::Response { name, .. } => {
                    self.invalid_names.contains(name) || self.parsed.blocks.iter().any(|earlier| {
                        matches!(earlier, LessonBlock::Playground(earlier) if earlier.block.name() == Some(name))
                    })
                }
                PlaceholderSource::System(_) => true,
            };
            if is_known {
                continue;
            }
            let (name, advice) = match &reference {
                PlaceholderSource::Variable(name) => (
                    name,
                    format!("add # @prompt {name} LABEL or @{name} = VALUE"),
                ),
                PlaceholderSource::Response { name, .. } => {
                    let advice = format!("add # @name {name} to an earlier request of the page");
                    (name, advice)
                }
                PlaceholderSource::System(_) => continue,
            };
            let message = format!("{{{{{reference}}}}} is not defined: {advice}");
            let has_reference = |line: &str| line.contains("{{") && line.contains(name);
            let at = text.lines().position(has_reference);
            self.problem(line + at.map_or(0, |at| at + 1), Rule::Http, message);
        }
    }

    /// Adds a request block, unless it has an error that prevents it. The references of later requests to the name of
    /// such a block are no second finding.
    fn playground(&mut self, text: &str, side: bool, line: usize) {
        if let Err((at, message)) = self.add_playground(text, side, line) {
            let names = text.lines().filter_map(|line| {
                let directive = line.trim_start().strip_prefix('#')?.trim_start();
                directive.strip_prefix("@name").map(str::trim)
            });
            self.invalid_names.extend(names.map(str::to_owned));
            self.problem(line + at, Rule::Http, message);
        }
    }

    /// Adds a request block.
    ///
    /// # Errors
    /// The line in the fence, from 1, or 0 for the fence itself, and a message.
    fn add_playground(
        &mut self,
        text: &str,
        side: bool,
        line: usize,
    ) -> Result<(), (usize, String)> {
        let file = http_file::parse(text).map_err(|error| {
            let message = format!("column {}: {}", error.column, error.kind);
            (error.line, message)
        })?;
        let Ok([block]) = <[_; 1]>::try_from(file.blocks) else {
            let message = "a block contains exactly one request: write a fence for each";
            return Err((0, message.to_owned()));
        };
        let lines_line = line + 1 + lines_before_block(text);
        self.check_references(&block, text, line);
        let draft = block.draft_with_placeholders();
        self.passages.add_block(&shown_text(&draft));
        if block.expectations(1).next().is_none() {
            let message = "the block has no expectation: add # @expect status == 200";
            self.problem(line, Rule::NoExpect, message);
        }
        let Some(id) = block.id().map(str::to_owned) else {
            let message = "the block needs an id: add # @id some-name";
            return Err((0, message.to_owned()));
        };
        if block.expected_sends() > SENDS_MAX {
            let message = format!("a request can be sent {SENDS_MAX} times: expect no later send");
            return Err((0, message));
        }
        self.ids.add_request(&id, line);
        self.finish_html();
        let playground = Playground {
            id,
            block,
            draft,
            side,
            line,
            lines_line,
        };
        let block = LessonBlock::Playground(Box::new(playground));
        self.parsed.blocks.push(block);
        Ok(())
    }

    fn sample(&mut self, text: &str, side: bool, line: usize) {
        if side {
            return self.problem(line, Rule::Fence, "a sample response cannot have side");
        }
        let response = match http_file::parse_response(text) {
            Ok(response) => response,
            Err(error) => {
                let message = format!("column {}: {}", error.column, error.kind);
                return self.problem(line + error.line, Rule::Http, message);
            }
        };
        let mut earlier = self.parsed.blocks.iter().rev();
        let Some(request_id) = earlier.find_map(|block| match block {
            LessonBlock::Playground(playground) => Some(playground.id.clone()),
            _ => None,
        }) else {
            let message = "a sample response must follow a request block";
            return self.problem(line + 1, Rule::Http, format!("column 1: {message}"));
        };
        self.passages.add_block(text);
        self.finish_html();
        match self.context.highlighter.code("http", text) {
            Ok(code) => self
                .parsed
                .blocks
                .push(LessonBlock::Sample(Box::new(SampleBlock {
                    request_id,
                    response,
                    code,
                    line,
                }))),
            Err(message) => self.problem(line, Rule::Language, message),
        }
    }
}
