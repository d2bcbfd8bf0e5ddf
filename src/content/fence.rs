//! The info string of a fenced block: a language and `key=value` words.

use super::finding::Rule;
use super::source::FunctionSource;

/// A parsed info string.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fence {
    /// A request that the reader can send, or a sample response. The first line of the block decides which.
    Http {
        /// Whether the block is placed side by side with an adjacent block that has `side`.
        side: bool,
    },
    /// A diagram of this kind.
    Diagram { kind: String },
    /// The exercise or quiz with this id; `kind` is the language of the fence.
    Assessment { kind: String, id: String },
    /// Highlighted code. With `tab` it is one tab of a group; with `source` it is extracted from a program.
    Code {
        language: String,
        tab: Option<String>,
        source: Option<FunctionSource>,
    },
}

/// Parses an info string.
///
/// # Errors
/// The violated rule and a message for the author.
pub(super) fn parse(info: &str) -> Result<Fence, (Rule, String)> {
    let mut words = info.split_whitespace();
    let language = words.next().ok_or_else(|| {
        let message = "a fence needs a language after the backticks: write text for plain text";
        (Rule::Language, message.to_owned())
    })?;
    let language = language.to_owned();
    let invalid = |message: String| Err((Rule::Fence, message));
    if language.chars().any(char::is_uppercase) {
        let lower = language.to_lowercase();
        let message = format!("the language {language:?} must be in lower case: {lower}");
        return Err((Rule::Language, message));
    }
    let mut tab = None;
    let mut source: Option<FunctionSource> = None;
    let mut side = false;
    if language == "diagram" {
        let kind = words.next().unwrap_or_default().to_owned();
        return match words.next() {
            Some(word) => invalid(format!(
                "unknown word {word:?} after the kind of the diagram: remove it"
            )),
            None => Ok(Fence::Diagram { kind }),
        };
    }
    if language == "exercise" || language == "quiz" {
        return match (words.next(), words.next()) {
            (Some(id), None) => Ok(Fence::Assessment {
                kind: language,
                id: id.to_owned(),
            }),
            _ => invalid(format!("write one id after {language}: {language} some-id")),
        };
    }
    for word in words {
        match word.split_once('=') {
            Some(("tab", key)) if !key.is_empty() => tab = Some(key.to_owned()),
            Some(("source", text)) => {
                source =
                    Some(FunctionSource::parse(text).map_err(|message| (Rule::Source, message))?)
            }
            None if word == "side" && language == "http" => side = true,
            _ => {
                return invalid(format!(
                    "unknown word {word:?} after the language: use tab=KEY, source=PROGRAM:NAME, or side after http"
                ));
            }
        }
    }
    if let Some(source) = &source
        && source.language() != language
    {
        return invalid(format!(
            "the function is in the language {}: write it after the backticks",
            source.language()
        ));
    }
    Ok(match (language.as_str(), &tab) {
        ("http", None) => Fence::Http { side },
        _ => Fence::Code {
            language,
            tab,
            source,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn info_strings_are_parsed_or_rejected() {
        let code = |language: &str, tab: Option<&str>| Fence::Code {
            language: language.to_owned(),
            tab: tab.map(str::to_owned),
            source: None,
        };
        assert_eq!(parse("http"), Ok(Fence::Http { side: false }));
        assert_eq!(parse("http side"), Ok(Fence::Http { side: true }));
        assert_eq!(parse("python tab=flask"), Ok(code("python", Some("flask"))));
        assert_eq!(parse("json"), Ok(code("json", None)));
        let kind = "checks".to_owned();
        assert_eq!(parse("diagram checks"), Ok(Fence::Diagram { kind }));
        assert!(parse("diagram checks side").is_err());
        for kind in ["exercise", "quiz"] {
            let fence = Fence::Assessment {
                kind: kind.to_owned(),
                id: "a-b".to_owned(),
            };
            assert_eq!(parse(&format!("{kind} a-b")), Ok(fence));
            assert!(parse(kind).is_err());
            assert!(parse(&format!("{kind} a b")).is_err());
        }
        assert!(parse("").is_err());
        assert!(
            parse("HTTP")
                .is_err_and(|(rule, message)| rule == Rule::Language && message.contains("http"))
        );
        assert!(parse("http response").is_err());
        assert!(parse("json side").is_err());
        assert!(parse("python tab=").is_err());
        assert!(parse("python title=x").is_err());
        let fence = parse("python tab=flask source=flask:get_user");
        assert!(matches!(
            fence,
            Ok(Fence::Code {
                source: Some(_),
                ..
            })
        ));
        assert!(parse("rust source=flask:get_user").is_err());
        assert!(parse("http source=axum:resources::user::show").is_err());
        assert!(parse("python source=").is_err());
    }
}
