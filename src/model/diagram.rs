//! The diagrams of lessons, which authors write as text in a fence `diagram`.

use crate::model::http::reason_phrase;

/// A diagram of a lesson.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Diagram {
    /// Checks that a request passes one after the other; each that it does not pass leads to a response.
    Checks {
        /// The checks in their order.
        checks: Vec<Check>,
        /// The status of the response to a request that passes all.
        success: u16,
    },
    /// An HTTP message with the names of its parts.
    Message(Vec<MessagePart>),
    /// Messages between two or three participants, in the order in which they are sent.
    Sequence {
        /// The names of the participants, in the order in which they occur.
        participants: Vec<String>,
        /// The messages in their order.
        messages: Vec<SequenceMessage>,
    },
}

/// One message of [`Diagram::Sequence`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceMessage {
    /// The index of the sender among the participants.
    pub from: usize,
    /// The index of the recipient among the participants.
    pub to: usize,
    /// What is sent, such as `GET /api/users/1`.
    pub text: String,
}

/// The maximum number of participants of a sequence, so that it fits on a phone.
const PARTICIPANTS_MAX: usize = 3;

/// One check of [`Diagram::Checks`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is asked, such as `Does the path exist?`.
    pub question: String,
    /// The status of the response when the answer is no.
    pub failure: u16,
}

/// Lines of a message that form one part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessagePart {
    /// The name of the part, such as `request line`.
    pub name: String,
    /// The lines as in the message.
    pub lines: Vec<String>,
}

impl Diagram {
    /// Parses the text of a fence. The `kind` is `checks`, `message` or `sequence`.
    ///
    /// - `checks`: a line `QUESTION -> STATUS` for each check, then a line `=> STATUS`.
    /// - `message`: the lines of a message, the first of each part followed by ` | NAME`.
    /// - `sequence`: a line `SENDER -> RECIPIENT | TEXT` for each message.
    ///
    /// # Errors
    /// The line from 1, and a message for the author.
    pub fn parse(kind: &str, text: &str) -> Result<Diagram, (usize, String)> {
        match kind {
            "checks" => parse_checks(text),
            "message" => parse_message(text),
            "sequence" => parse_sequence(text),
            _ => Err((
                0,
                format!("unknown diagram {kind:?}: use checks, message or sequence"),
            )),
        }
    }

    /// Returns the words of the diagram without its notation, a line for each part, as a search finds them.
    #[must_use]
    pub fn text(&self) -> String {
        let lines: Vec<String> = match self {
            Diagram::Checks { checks, success } => {
                let checks = checks.iter();
                let checks = checks.map(|check| format!("{} {}", check.question, check.failure));
                checks.chain([success.to_string()]).collect()
            }
            Diagram::Message(parts) => {
                let parts = parts.iter();
                let parts = parts.map(|part| format!("{} {}", part.lines.join(" "), part.name));
                parts.collect()
            }
            Diagram::Sequence {
                participants,
                messages,
            } => {
                let texts = messages.iter().map(|message| message.text.clone());
                [participants.join(", ")].into_iter().chain(texts).collect()
            }
        };
        lines.join("\n")
    }
}

fn parse_checks(text: &str) -> Result<Diagram, (usize, String)> {
    let status = |at: usize, text: &str| {
        let status = text.trim().parse().ok();
        let known = status.filter(|status| !reason_phrase(*status).is_empty());
        known.ok_or_else(|| (at + 1, format!("{:?} is not a status code", text.trim())))
    };
    let mut checks = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if let Some(success) = line.strip_prefix("=>") {
            let success = status(at, success)?;
            return match text.lines().nth(at + 1) {
                Some(_) => Err((at + 2, "the line => STATUS is the last one".to_owned())),
                None => Ok(Diagram::Checks { checks, success }),
            };
        }
        let Some((question, failure)) = line.split_once("->") else {
            return Err((at + 1, "write a check as QUESTION -> STATUS".to_owned()));
        };
        checks.push(Check {
            question: question.trim().to_owned(),
            failure: status(at, failure)?,
        });
    }
    let message = "end the diagram with the status of success, as in => 200";
    Err((text.lines().count(), message.to_owned()))
}

fn parse_message(text: &str) -> Result<Diagram, (usize, String)> {
    let mut parts: Vec<MessagePart> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match (line.rsplit_once(" | "), parts.last_mut()) {
            (Some((line, name)), _) => parts.push(MessagePart {
                name: name.trim().to_owned(),
                lines: vec![line.trim_end().to_owned()],
            }),
            (None, Some(part)) => part.lines.push(line.to_owned()),
            (None, None) => {
                let message =
                    "name the first part of the message, as in GET / HTTP/1.1 | request line";
                return Err((at + 1, message.to_owned()));
            }
        }
    }
    match parts.is_empty() {
        true => Err((0, "the diagram is empty".to_owned())),
        false => Ok(Diagram::Message(parts)),
    }
}

fn parse_sequence(text: &str) -> Result<Diagram, (usize, String)> {
    let mut participants: Vec<String> = Vec::new();
    let mut messages = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let parts = line.split_once(" | ");
        let parts = parts.and_then(|(ends, text)| Some((ends.split_once("->")?, text)));
        let Some(((from, to), text)) = parts else {
            let message = "write a message as SENDER -> RECIPIENT | TEXT";
            return Err((at + 1, message.to_owned()));
        };
        let mut index = |name: &str| {
            let known = participants.iter().position(|other| other == name.trim());
            known.unwrap_or_else(|| {
                participants.push(name.trim().to_owned());
                participants.len() - 1
            })
        };
        let (from, to) = (index(from), index(to));
        if from == to {
            let message = "the sender and the recipient are the same".to_owned();
            return Err((at + 1, message));
        }
        if let Some(name) = participants.get(PARTICIPANTS_MAX) {
            let message =
                format!("a sequence has at most {PARTICIPANTS_MAX} participants: remove {name:?}");
            return Err((at + 1, message));
        }
        messages.push(SequenceMessage {
            from,
            to,
            text: text.trim().to_owned(),
        });
    }
    match messages.is_empty() {
        true => Err((0, "the diagram is empty".to_owned())),
        false => Ok(Diagram::Sequence {
            participants,
            messages,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_diagram_has_none_of_its_notation() {
        fn check(kind: &str, text: &str, expected: &str) {
            let diagram = Diagram::parse(kind, text).expect("a diagram");
            assert_eq!(diagram.text(), expected);
        }
        check(
            "checks",
            "Is it there? -> 404\n=> 200",
            "Is it there? 404\n200",
        );
        check(
            "message",
            "GET /a | request line\nA: 1 | header",
            "GET /a request line\nA: 1 header",
        );
        check("sequence", "Ada -> Server | GET /a", "Ada, Server\nGET /a");
    }

    #[test]
    fn checks_are_parsed_in_order() {
        let text = "Does the path exist? -> 404\nDoes it have the method? -> 405\n=> 200\n";
        let check = |question: &str, failure| Check {
            question: question.to_owned(),
            failure,
        };
        let expected = Diagram::Checks {
            checks: vec![
                check("Does the path exist?", 404),
                check("Does it have the method?", 405),
            ],
            success: 200,
        };
        assert_eq!(Diagram::parse("checks", text), Ok(expected));
    }

    #[test]
    fn lines_without_a_name_belong_to_the_part_before() {
        let text =
            "GET / HTTP/1.1 | request line\nHost: a | header fields\nAccept: b\n | empty line\n";
        let part = |name: &str, lines: &[&str]| MessagePart {
            name: name.to_owned(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let expected = Diagram::Message(vec![
            part("request line", &["GET / HTTP/1.1"]),
            part("header fields", &["Host: a", "Accept: b"]),
            part("empty line", &[""]),
        ]);
        assert_eq!(Diagram::parse("message", text), Ok(expected));
    }

    #[test]
    fn participants_of_a_sequence_stand_in_the_order_in_which_they_occur() {
        let text = "A -> Server | GET /\nServer -> A | 200 | OK\nB -> Server | PUT /\n";
        let message = |from, to, text: &str| SequenceMessage {
            from,
            to,
            text: text.to_owned(),
        };
        let expected = Diagram::Sequence {
            participants: ["A", "Server", "B"].map(str::to_owned).to_vec(),
            messages: vec![
                message(0, 1, "GET /"),
                message(1, 0, "200 | OK"),
                message(2, 1, "PUT /"),
            ],
        };
        assert_eq!(Diagram::parse("sequence", text), Ok(expected));
    }

    #[test]
    fn errors_name_the_line() {
        let line = |kind: &str, text: &str| {
            let error = Diagram::parse(kind, text).expect_err("the text is wrong");
            error.0
        };
        assert_eq!(line("tree", ""), 0);
        assert_eq!(line("checks", "A? -> 404\nB?\n=> 200"), 2);
        assert_eq!(line("checks", "A? -> 999\n=> 200"), 1);
        assert_eq!(line("checks", "A? -> 404"), 1);
        assert_eq!(line("checks", "=> 200\nA? -> 404"), 2);
        assert_eq!(line("message", "GET / HTTP/1.1"), 1);
        assert_eq!(line("sequence", ""), 0);
        assert_eq!(line("sequence", "A -> B | GET /\nA: GET /"), 2);
        assert_eq!(line("sequence", "A -> B | GET /\nA -> A | 200"), 2);
        assert_eq!(line("sequence", "A -> B | a\nB -> C | b\nC -> D | c"), 3);
    }
}
