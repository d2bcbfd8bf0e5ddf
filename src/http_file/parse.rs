//! The parser of `.http` texts; an error has the line and column of the first mistake.

mod directive;

use std::collections::HashSet;

use super::error::{ParseError, ParseErrorKind};
use super::lines::{Lines, parse_header};
use super::{BlockLine, HttpFile, RequestBlock, RequestTemplate, SPACE};
use crate::model::http::{Header, is_token, target_after_origin};

/// The maximum number of requests in one text. It is limited because each becomes a form of a page.
pub const BLOCKS_MAX: usize = 100;

/// Parses the text of a fence or file, which has from one to [`BLOCKS_MAX`] requests.
///
/// # Errors
/// Returns the first error, with its line and column.
pub fn parse(text: &str) -> Result<HttpFile, ParseError> {
    Ok(parse_for_site(text, &[])?.0)
}

/// Parses a text whose request lines may have absolute addresses that begin with one of these origins; a target is the
/// part after the origin. Returns with the file one error for each request, which is the right one if the target turns
/// out to name another site, because it begins with a variable.
///
/// # Errors
/// Returns the first error, with its line and column.
pub(super) fn parse_for_site(
    text: &str,
    origins: &[&str],
) -> Result<(HttpFile, Vec<ParseError>), ParseError> {
    let lines = Lines::new(text);
    let mut file = HttpFile::default();
    let mut other_site = Vec::new();
    // Variables and comments that a separator ends belong to the request after it.
    let mut preamble = Vec::new();
    let mut names = HashSet::new();
    let mut start = 0;
    while start < lines.len() {
        let mut title = "";
        if let Some(rest) = lines.get(start).strip_prefix("###") {
            lines.check_controls(start)?;
            title = rest.trim_matches(SPACE);
            start += 1;
        }
        let separator = (start..lines.len()).find(|&at| lines.get(at).starts_with("###"));
        let end = separator.unwrap_or(lines.len());
        if !(start..end).all(|at| lines.is_blank(at)) {
            if file.blocks.len() == BLOCKS_MAX {
                return Err(lines.error_at(start, 0, ParseErrorKind::TooManyBlocks(BLOCKS_MAX)));
            }
            let mut parser = BlockParser {
                lines: &lines,
                at: start,
                end,
                file: &file,
                names: std::mem::take(&mut names),
                origins,
            };
            let above = parser.lines_above()?;
            if parser.at == end {
                let is_comment =
                    |line: &BlockLine| matches!(line, BlockLine::Blank | BlockLine::Comment(_));
                let is_variable = |line: &BlockLine| matches!(line, BlockLine::Variable { .. });
                let is_last = separator.is_none();
                let mut own = above.iter();
                let is_allowed =
                    own.all(|line| is_comment(line) || (!is_last && is_variable(line)));
                if !is_allowed || !title.is_empty() {
                    return Err(parser
                        .lines
                        .error_at(start, 0, ParseErrorKind::MissingRequest));
                }
                preamble.extend(above);
                names = parser.names;
                start = end;
                continue;
            }
            preamble.extend(above);
            let (request, error) = parser.request()?;
            other_site.push(error);
            let block = RequestBlock {
                title: title.to_owned(),
                lines: std::mem::take(&mut preamble),
                request,
            };
            file.blocks.push(block);
        }
        start = end;
    }
    if file.blocks.is_empty() {
        return Err(lines.error_at(0, 0, ParseErrorKind::MissingRequest));
    }
    Ok((file, other_site))
}

/// Returns the text of a comment, after `#` or `//`.
fn comment(line: &str) -> Option<&str> {
    let slashes = line.strip_prefix("//");
    let slashes = slashes.filter(|text| text.is_empty() || text.starts_with(SPACE));
    line.strip_prefix('#').or(slashes)
}

/// The parser of one block, the lines from `at` to `end` (exclusive).
struct BlockParser<'a, 'f> {
    lines: &'f Lines<'a>,
    at: usize,
    end: usize,
    /// The blocks parsed so far.
    file: &'f HttpFile,
    /// The names of variables and prompts of the block so far.
    names: HashSet<&'a str>,
    /// The origins with which a target may begin.
    origins: &'f [&'f str],
}

impl<'a> BlockParser<'a, '_> {
    fn fail<T>(&self, part: &str, kind: ParseErrorKind) -> Result<T, ParseError> {
        Err(self.lines.error(self.at, part, kind))
    }

    /// Parses the lines above the request line, up to the end of a block without one.
    fn lines_above(&mut self) -> Result<Vec<BlockLine>, ParseError> {
        let mut above = Vec::new();
        while self.at < self.end {
            self.lines.check_controls(self.at)?;
            let line = self.lines.get(self.at).trim_matches(SPACE);
            above.push(if line.is_empty() {
                BlockLine::Blank
            } else if line.starts_with("###") {
                return self.fail(line, ParseErrorKind::IndentedSeparator);
            } else if let Some(comment) = comment(self.lines.get(self.at).trim_start_matches(SPACE))
            {
                match comment.trim_start_matches(SPACE).strip_prefix('@') {
                    Some(directive) => BlockLine::Directive(
                        self.directive(directive.trim_end_matches(SPACE), &above)?,
                    ),
                    None => BlockLine::Comment(comment.to_owned()),
                }
            } else if let Some(variable) = line.strip_prefix('@') {
                self.variable(variable)?
            } else if line.starts_with(['?', '&']) {
                return self.fail(line, ParseErrorKind::QueryMisplaced);
            } else if line.starts_with("< {%") || line.starts_with("> {%") {
                return self.fail(line, ParseErrorKind::Script);
            } else {
                return Ok(above);
            });
            self.at += 1;
        }
        Ok(above)
    }

    /// Parses the request; returns with it the error of a target that names another site.
    fn request(&mut self) -> Result<(RequestTemplate, ParseError), ParseError> {
        let (mut request, other_site) = self.request_line()?;
        self.at += 1;
        while self.at < self.end && !self.lines.is_blank(self.at) {
            self.lines.check_controls(self.at)?;
            let line = self.lines.get(self.at);
            let text = line.trim_matches(SPACE);
            if text.starts_with(['?', '&']) {
                if text.len() == line.trim_end_matches(SPACE).len() {
                    return self.fail(text, ParseErrorKind::QueryNotIndented);
                }
                if !request.headers.is_empty() {
                    return self.fail(text, ParseErrorKind::QueryMisplaced);
                }
                self.query(text, &mut request)?;
            } else if text.starts_with('#') {
                return self.fail(text, ParseErrorKind::CommentAmongHeaders);
            } else {
                request.headers.push(self.header()?);
            }
            self.at += 1;
        }
        self.at += 1;
        request.body = self.body()?;
        Ok((request, other_site))
    }

    fn request_line(&self) -> Result<(RequestTemplate, ParseError), ParseError> {
        let line = self.lines.get(self.at).trim_matches(SPACE);
        if line.starts_with("HTTP/") {
            return self.fail(line, ParseErrorKind::ResponseForRequest);
        }
        let (method, rest) = if line.starts_with('/') || line.starts_with("{{") || has_scheme(line)
        {
            (None, line)
        } else {
            let (method, rest) = line
                .split_once(SPACE)
                .unwrap_or((line, &line[line.len()..]));
            if !is_token(method) {
                return self.fail(line, ParseErrorKind::NotARequest);
            }
            (Some(method.to_owned()), rest.trim_start_matches(SPACE))
        };
        let (target, version) = match rest.rsplit_once(SPACE) {
            _ if rest.is_empty() || rest.starts_with("HTTP/") => {
                return self.fail(rest, ParseErrorKind::MissingTarget);
            }
            Some((target, "HTTP/1.1")) => (target.trim_end_matches(SPACE), true),
            Some((_, version)) if version.starts_with("HTTP/") => {
                return self.fail(version, ParseErrorKind::Version);
            }
            _ => (rest, false),
        };
        let other_site = self
            .lines
            .error(self.at, target, ParseErrorKind::AbsoluteTarget);
        let Some(target) = target_of_site(target, self.origins) else {
            return Err(other_site);
        };
        if !target.starts_with('/') && !target.starts_with("{{") {
            return self.fail(target, ParseErrorKind::RelativeTarget);
        }
        if let Some(tab) = target.find('\t') {
            return self.fail(&target[tab..], ParseErrorKind::ControlCharacter);
        }
        self.lines.check_placeholders(self.at, target)?;
        let request = RequestTemplate {
            method,
            target: target.to_owned(),
            version,
            ..RequestTemplate::default()
        };
        Ok((request, other_site))
    }

    /// Parses a line that continues the query.
    fn query(&self, text: &'a str, request: &mut RequestTemplate) -> Result<(), ParseError> {
        // The order of the two conditions avoids a search of a long target for each line of the query.
        let has_query = !request.query.is_empty() || request.target.contains('?');
        let mark = if has_query { '&' } else { '?' };
        if !text.starts_with(mark) {
            return self.fail(text, ParseErrorKind::QueryMark(mark));
        }
        if text[1..].find('=').is_none_or(|equals| equals == 0) {
            return self.fail(text, ParseErrorKind::QueryMalformed);
        }
        if let Some(tab) = text.find('\t') {
            return self.fail(&text[tab..], ParseErrorKind::ControlCharacter);
        }
        self.lines.check_placeholders(self.at, text)?;
        request.query.push(text.to_owned());
        Ok(())
    }

    fn header(&self) -> Result<Header, ParseError> {
        let header = parse_header(self.lines, self.at)?;
        let line = self.lines.get(self.at);
        let value = line[header.name.len() + 1..].trim_matches(SPACE);
        let media_type = value.to_ascii_lowercase();
        if header.name.eq_ignore_ascii_case("content-type") && media_type.starts_with("multipart/")
        {
            return self.fail(value, ParseErrorKind::Multipart);
        }
        self.lines.check_placeholders(self.at, value)?;
        Ok(header)
    }

    fn body(&mut self) -> Result<String, ParseError> {
        let start = self.at;
        let mut end = self.end;
        // The empty line above a separator belongs to the separator.
        if end < self.lines.len() && end > start && self.lines.get(end - 1).is_empty() {
            end -= 1;
        }
        if (start..end).all(|at| self.lines.is_blank(at)) {
            return Ok(String::new());
        }
        while self.at < end {
            let line = self.lines.get(self.at);
            if line.starts_with("> {%") || line.starts_with("< {%") {
                return self.fail(line, ParseErrorKind::Script);
            }
            if self.at == start && (line.starts_with("< ") || line.starts_with("<@")) {
                return self.fail(line, ParseErrorKind::FileReference);
            }
            self.lines.check_placeholders(self.at, line)?;
            self.at += 1;
        }
        Ok(self.lines.join(start, end))
    }
}

/// Returns the part of a target after one of these origins, or all of a target without an origin; `None` when it names
/// another site.
pub(super) fn target_of_site<'a>(target: &'a str, origins: &[&str]) -> Option<&'a str> {
    let mut own = origins.iter();
    match own.find_map(|origin| target_after_origin(target, origin)) {
        None if target.starts_with("//") || has_scheme(target) => None,
        own => Some(own.unwrap_or(target)),
    }
}

/// Returns whether the text begins with a URL scheme and `://`.
fn has_scheme(text: &str) -> bool {
    let scheme = text.split("://").next().unwrap_or_default();
    scheme.len() < text.len()
        && !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_file::Directive;

    fn file(text: &str) -> HttpFile {
        parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn variables_above_the_first_separator_belong_to_the_first_request() {
        let file =
            file("// All requests\n@base = /api\n\n### One\n{{base}}/users\n### Two\n{{base}}/me");
        let [one, two] = &file.blocks[..] else {
            panic!("{file:?}")
        };
        assert_eq!((one.title.as_str(), two.title.as_str()), ("One", "Two"));
        assert_eq!(
            one.lines,
            [
                BlockLine::Comment(" All requests".into()),
                BlockLine::Variable {
                    name: "base".into(),
                    value: "/api".into()
                },
                BlockLine::Blank,
            ]
        );
        assert!(two.lines.is_empty());
        // A name is unique there too, and a directive needs its request.
        let error = |text: &str| parse(text).expect_err(text).kind;
        assert_eq!(
            error("@a = 1\n###\n@a = 2\nGET /b"),
            ParseErrorKind::DuplicateVariable("a".into())
        );
        assert_eq!(
            error("# @id b\n###\nGET /b"),
            ParseErrorKind::MissingRequest
        );
        assert_eq!(error("GET /b\n###\n@a = 1"), ParseErrorKind::MissingRequest);
        assert_eq!(
            error("### A\n// b\n###\nGET /b"),
            ParseErrorKind::MissingRequest
        );
        // Comments at the end are no request.
        let last = parse("GET /b\n###\n# end").expect("one request");
        assert_eq!(last.blocks.len(), 1);
    }

    #[test]
    fn expectations_are_selected_by_the_number_of_the_send() {
        let file = file(
            "# @expect status == 201\n# @expect 2 status == 409\n# @expect * body $ exists\n/a",
        );
        let texts = |number| -> Vec<String> {
            let expectations = file.blocks[0].expectations(number);
            expectations.map(ToString::to_string).collect()
        };
        assert_eq!(texts(1), ["status == 201", "body $ exists"]);
        assert_eq!(texts(2), ["status == 409", "body $ exists"]);
        assert_eq!(texts(3), ["body $ exists"]);
        assert_eq!(file.blocks[0].expected_sends(), 2);
        assert_eq!(self::file("/a").blocks[0].expected_sends(), 1);
    }

    #[test]
    fn block_with_every_directive_is_parsed() {
        let file = file(
            "# @id create-user\n# @name create\n# A comment\n# @expect status == 201\n# @expect rows added == 1\n\
             # @prompt email New user's email\n# @note 한 줄\n# @predict\n# @no-redirect\n# @no-cookie-jar\n# @browser-cache\n\n@role = member\n\
             POST /api/users HTTP/1.1\n    ?dry=1\n    &x=a b\nContent-Type: application/json\nX-Empty:\n\n\
             {\n  \"name\": \"{{email}}\",\n\n  \"role\": \"{{role}}\"\n}\n",
        );
        let [block] = &file.blocks[..] else {
            panic!("{file:?}")
        };
        assert_eq!(
            (block.id(), block.name()),
            (Some("create-user"), Some("create"))
        );
        assert_eq!(
            block.prompts().collect::<Vec<_>>(),
            [("email", "New user's email")]
        );
        let expectations: Vec<String> = block.expectations(1).map(ToString::to_string).collect();
        assert_eq!(expectations, ["status == 201", "rows added == 1"]);
        assert!(
            block.has(&Directive::Predict)
                && block.has(&Directive::NoRedirect)
                && block.has(&Directive::NoCookieJar)
                && block.has(&Directive::BrowserCache)
        );
        assert_eq!(block.lines[2], BlockLine::Comment(" A comment".into()));
        let request = &block.request;
        assert_eq!((request.method(), request.version), ("POST", true));
        assert_eq!(request.target(), "/api/users?dry=1&x=a b");
        assert_eq!(
            request.headers,
            [
                Header::new("Content-Type", "application/json"),
                Header::new("X-Empty", "")
            ]
        );
        assert_eq!(
            request.body,
            "{\n  \"name\": \"{{email}}\",\n\n  \"role\": \"{{role}}\"\n}"
        );
    }

    #[test]
    fn requests_are_separated() {
        fn check(text: &str, expected: &[(&str, &str, &str)]) {
            let file = file(text);
            let found: Vec<_> = file
                .blocks
                .iter()
                .map(|block| {
                    (
                        block.title.as_str(),
                        block.request.target.as_str(),
                        block.request.body.as_str(),
                    )
                })
                .collect();
            assert_eq!(found, expected, "{text:?}");
        }
        check("/a", &[("", "/a", "")]);
        check("\u{feff}/a\n\n\n \n", &[("", "/a", "")]);
        check("/a\n\nx\n\n", &[("", "/a", "x\n")]);
        check("/a\n\n\nx", &[("", "/a", "\nx")]);
        check(
            "/a\n###\n/b\n### c d \n/c",
            &[("", "/a", ""), ("", "/b", ""), ("c d", "/c", "")],
        );
        check("###\n\n### t\n/a\n\nx\n\n###", &[("t", "/a", "x")]);
        check(
            "/a\n\nx\n###\n/b\n\ny\n\n\n####\n/c",
            &[("", "/a", "x"), ("", "/b", "y\n"), ("#", "/c", "")],
        );
        check(
            "/a\n\n# x\n## y\n ### z\n@v",
            &[("", "/a", "# x\n## y\n ### z\n@v")],
        );
        check("/a\n\n\u{1}\r x\r\r\n", &[("", "/a", "\u{1}\r x")]);
        check(
            "POST /a\n\n{{\"a\"}}\n<user/>",
            &[("", "/a", "{{\"a\"}}\n<user/>")],
        );
        check("GET  /a b  HTTP/1.1", &[("", "/a b", "")]);
        check("GET {{x}}/a", &[("", "{{x}}/a", "")]);
        check("GET /a?u=http://h/x", &[("", "/a?u=http://h/x", "")]);
        check("M-SEARCH /a", &[("", "/a", "")]);
    }

    #[test]
    fn invalid_text_is_an_error_with_line_and_column() {
        fn check(text: &str, line: usize, column: usize, kind: ParseErrorKind) {
            assert_eq!(
                parse(text),
                Err(ParseError { line, column, kind }),
                "{text:?}"
            );
        }
        use crate::model::expectation::ExpectationErrorKind;
        use ParseErrorKind::*;
        check("", 1, 1, MissingRequest);
        check("\n \n", 1, 1, MissingRequest);
        check("###\n###\n", 1, 1, MissingRequest);
        check("/a\n###\n\n# @id x\n", 3, 1, MissingRequest);
        check("Hello, world", 1, 1, NotARequest);
        check("Accept: x\nGET /a", 1, 1, NotARequest);
        check("{\"a\": 1}", 1, 1, NotARequest);
        check("  GET", 1, 6, MissingTarget);
        check("GET HTTP/1.1", 1, 5, MissingTarget);
        check("GET api/users", 1, 5, RelativeTarget);
        check("GET ?a=1", 1, 5, RelativeTarget);
        check("GET http://h/a", 1, 5, AbsoluteTarget);
        check("https://h/a", 1, 1, AbsoluteTarget);
        check("GET //h/a", 1, 5, AbsoluteTarget);
        check("//h/a", 1, 1, AbsoluteTarget);
        check("GET /a HTTP/2", 1, 8, Version);
        check("HTTP/1.1 201 Created", 1, 1, ResponseForRequest);
        check(" ### a", 1, 2, IndentedSeparator);
        check("# a\u{7}", 1, 4, ControlCharacter);
        check("/a\tb", 1, 3, ControlCharacter);
        check("### 한\u{85}\n/a", 1, 6, ControlCharacter);
        check("/a\n?b=1", 2, 1, QueryNotIndented);
        check("/a\nA: 1\n  ?b=1", 3, 3, QueryMisplaced);
        check(" ?b=1\n/a", 1, 2, QueryMisplaced);
        check("/a\n  ?b", 2, 3, QueryMalformed);
        check("/a\n  ?=b", 2, 3, QueryMalformed);
        check("/a\n  &b=1", 2, 3, QueryMark('?'));
        check("/a\n  ?b=1\n\t?c=1", 3, 2, QueryMark('&'));
        check("/a?b=1\n  ?c=1", 2, 3, QueryMark('&'));
        check("/a\nGET /b", 2, 1, HeaderWithoutColon);
        check("/a\n{\"a\": 1}", 2, 1, HeaderName);
        check("/a\nA : 1", 2, 1, HeaderName);
        check("/a\n한: 1", 2, 1, HeaderName);
        check("/a\nA: 1\n  2", 3, 3, HeaderFolded);
        check("/a\nA: 1\n# @id b", 3, 1, CommentAmongHeaders);
        check(
            "/a\ncontent-type:  Multipart/form-data; boundary=x",
            2,
            16,
            Multipart,
        );
        check("POST /a\n\n< ./a.json", 3, 1, FileReference);
        check("POST /a\n\n<@ ./a.json", 3, 1, FileReference);
        check("< {% x %}\n/a", 1, 1, Script);
        check("/a\n\nx\n> {%", 4, 1, Script);
        check("# @foo bar\n/a", 1, 4, UnknownDirective("foo".into()));
        check("# @\n/a", 1, 4, UnknownDirective(String::new()));
        check("# @ id x\n/a", 1, 4, UnknownDirective(String::new()));
        check("#@id\n/a", 1, 3, DirectiveWithoutValue("id"));
        check("# @expect \n/a", 1, 4, DirectiveWithoutValue("expect"));
        check("# @prompt\n/a", 1, 4, DirectiveWithoutValue("prompt"));
        check("# @predict yes\n/a", 1, 12, DirectiveWithValue("predict"));
        check("# @id a\n# @id b\n/a", 2, 4, RepeatedDirective("id"));
        check("# @id  List\n/a", 1, 8, Id);
        check("# @id a--b\n/a", 1, 7, Id);
        check("# @id a b\n/a", 1, 7, Id);
        check(
            "# @id a\n/a\n###\n# @id a\n/a",
            4,
            7,
            DuplicateId("a".into()),
        );
        check("# @name 1a\n/a", 1, 9, Name);
        check(
            "# @name a\n/a\n###\n# @name a\n/a",
            4,
            9,
            DuplicateName("a".into()),
        );
        check("# @prompt 한 x\n/a", 1, 11, Name);
        check("@a.b = 1\n/a", 1, 2, Name);
        check("@a = 1\n@a = 2\n/a", 2, 2, DuplicateVariable("a".into()));
        check(
            "@a = 1\n# @prompt a\n/a",
            2,
            11,
            DuplicateVariable("a".into()),
        );
        check("@a\n/a", 1, 2, VariableWithoutValue);
        check("@a = x{{\n@b = {{c d}}\n/a", 2, 6, Placeholder);
        check("GET /a/{{b", 1, 8, UnclosedPlaceholder);
        check("/a\n  ?b={{1}}\n  &c={{$x}}", 3, 6, Placeholder);
        check("/a\nA: 한{{x y}}", 2, 5, Placeholder);
        check("/a\n\n한글 {{a}}\n한글 {{a b}}", 4, 4, Placeholder);
        check(
            "# @expect  status = 1\n/a",
            1,
            19,
            Expectation(ExpectationErrorKind::Operator),
        );
        check(
            "# @expect  2 status = 1\n/a",
            1,
            21,
            Expectation(ExpectationErrorKind::Operator),
        );
        check(
            "# @expect 0 status == 1\n/a",
            1,
            11,
            Expectation(ExpectationErrorKind::Subject),
        );
        check(
            "# @expect body $.한. exists\n/a",
            1,
            20,
            Expectation(ExpectationErrorKind::Path),
        );
        check(
            "# @expect status ==\n/a",
            1,
            20,
            Expectation(ExpectationErrorKind::Value),
        );
    }

    #[test]
    fn error_message_has_position_and_instruction() {
        fn check(text: &str, expected: &str) {
            assert_eq!(parse(text).expect_err(text).to_string(), expected);
        }
        check(
            "GET http://h/a",
            "1:5: requests go to this site only: write the path without the host, as in GET /api/users",
        );
        check("/a/{{b", "1:4: }} is missing after {{");
        check("/a\n  &b=1", "2:3: begin this query line with ?");
    }
}
