//! Printing of `.http` files.

use super::{BlockLine, Directive, HttpFile, RequestBlock, RequestTemplate};

/// Returns the text of a file; [`parse`](super::parse) of it returns an equal file.
pub fn print(file: &HttpFile) -> String {
    let mut out = String::new();
    for (index, block) in file.blocks.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if index > 0 || !block.title.is_empty() {
            out.push_str("###");
            if !block.title.is_empty() {
                out.push(' ');
                out.push_str(&block.title);
            }
            out.push('\n');
        }
        print_block(block, &mut out);
    }
    out
}

fn print_block(block: &RequestBlock, out: &mut String) {
    for line in &block.lines {
        print_line(line, out);
        out.push('\n');
    }
    print_request(&block.request, out);
}

/// Prints a request.
pub(super) fn print_request(request: &RequestTemplate, out: &mut String) {
    if let Some(method) = &request.method {
        out.push_str(method);
        out.push(' ');
    }
    out.push_str(&request.target);
    if request.version {
        out.push_str(" HTTP/1.1");
    }
    out.push('\n');
    for line in &request.query {
        out.push_str("  ");
        out.push_str(line);
        out.push('\n');
    }
    for header in &request.headers {
        out.push_str(&header.name);
        out.push(':');
        push_word(&header.value, out);
        out.push('\n');
    }
    if !request.body.is_empty() {
        out.push('\n');
        out.push_str(&request.body);
        out.push('\n');
    }
}

/// Prints a line above a request, without its end.
pub(super) fn print_line(line: &BlockLine, out: &mut String) {
    match line {
        BlockLine::Blank => {}
        BlockLine::Comment(text) => {
            out.push('#');
            out.push_str(text);
        }
        BlockLine::Directive(directive) => print_directive(directive, out),
        BlockLine::Variable { name, value } => {
            out.push('@');
            out.push_str(name);
            out.push_str(" =");
            push_word(value, out);
        }
    }
}

fn print_directive(directive: &Directive, out: &mut String) {
    out.push_str("# @");
    let (key, value) = match directive {
        Directive::Id(id) => ("id", id.as_str()),
        Directive::Name(name) => ("name", name.as_str()),
        Directive::Note(text) => ("note", text.as_str()),
        Directive::Predict => ("predict", ""),
        Directive::NoRedirect => ("no-redirect", ""),
        Directive::NoCookieJar => ("no-cookie-jar", ""),
        Directive::BrowserCache => ("browser-cache", ""),
        Directive::Expect { send, expectation } => {
            out.push_str("expect");
            push_word(&send.to_string(), out);
            push_word(&expectation.to_string(), out);
            return;
        }
        Directive::Prompt { name, label } => {
            out.push_str("prompt ");
            out.push_str(name);
            push_word(label, out);
            return;
        }
    };
    out.push_str(key);
    push_word(value, out);
}

/// Appends a space and the text; nothing when the text is empty.
fn push_word(text: &str, out: &mut String) {
    if !text.is_empty() {
        out.push(' ');
        out.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http_file::parse;

    #[test]
    fn equal_files_are_printed_alike() {
        fn check(text: &str, expected: &str) {
            let file = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert_eq!(print(&file), expected, "{text:?}");
            assert_eq!(parse(expected), Ok(file), "{text:?}");
        }
        check("GET /api/users", "GET /api/users\n");
        check("/a\r\n\r\n", "/a\n");
        check(
            "#@id  a\r\n#   text \n\n@x=1\n@y=\n POST\t/a HTTP/1.1 \n\t?b=c \nA:b\nC:\n \n{\r\n}\r\n",
            "# @id a\n#   text \n\n@x = 1\n@y =\nPOST /a HTTP/1.1\n  ?b=c\nA: b\nC:\n\n{\n}\n",
        );
        check(
            "###\n\nGET /a\n###b\nPOST /b\n\nx\n###\n\n",
            "\nGET /a\n\n### b\nPOST /b\n\nx\n",
        );
        check(
            "# @expect  status  ==  200\n# @expect 2  status == 409\n# @expect * rows added == 0\n# @prompt a  B c\n# @predict\nGET /a",
            "# @expect status == 200\n# @expect 2 status == 409\n# @expect * rows added == 0\n# @prompt a B c\n# @predict\nGET /a\n",
        );
    }
}
