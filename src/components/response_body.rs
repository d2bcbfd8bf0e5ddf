//! The body of a response: JSON and XML as a tree that folds, CSV as a table, anything else as text.

use leptos::either::{Either, EitherOf4};
use leptos::prelude::*;

use crate::components::body_tree::{Span, TreeNode, lines_view};
use crate::components::response_xml::xml_tree;
use crate::model::http::{is_json_type, is_xml_type};
use crate::model::json::Json;
use crate::model::messages::MessageCatalog;

/// The size in bytes from which a body is plain text: neither colored nor folded.
const PLAIN: usize = 64 * 1024;
/// The most bytes of a body that are shown.
const SHOWN: usize = 256 * 1024;

/// How a body is shown.
enum BodyContent {
    Empty,
    Tree(Vec<TreeNode>),
    Table(Vec<Vec<String>>),
    Text,
}

impl BodyContent {
    fn of(text: &str, content_type: &str) -> BodyContent {
        if text.is_empty() {
            return BodyContent::Empty;
        }
        if text.len() > PLAIN {
            return BodyContent::Text;
        }
        let tree = if is_json_type(content_type) {
            let json = Json::parse(text.as_bytes()).ok();
            json.map(|json| vec![branch(Vec::new(), &json, "")])
        } else if is_xml_type(content_type) {
            xml_tree(text)
        } else {
            None
        };
        match tree {
            Some(tree) => BodyContent::Tree(tree),
            None if content_type.trim_start().starts_with("text/csv") => {
                BodyContent::Table(records(text))
            }
            None => BodyContent::Text,
        }
    }
}

/// The body of a response.
#[component]
pub fn ResponseBody(
    /// The body.
    text: String,
    /// The value of `Content-Type`.
    content_type: String,
    /// Messages under `response-`.
    messages: MessageCatalog,
) -> impl IntoView {
    let label = messages.get("response-body");
    match BodyContent::of(&text, &content_type) {
        BodyContent::Empty => {
            EitherOf4::A(view! { <p class="quiet">{messages.get("response-no-body")}</p> })
        }
        BodyContent::Tree(tree) => EitherOf4::B(view! {
            <div class="code response-body response-tree" tabindex="0" role="group" aria-label=label>{lines_view(tree)}</div>
            <details class="response-raw">
                <summary>{messages.get("response-raw")}</summary>
                <pre class="code" tabindex="0">{text}</pre>
            </details>
        }),
        BodyContent::Table(records) => EitherOf4::C(view! {
            <div class="table-scroll" tabindex="0" role="group" aria-label=label>
                <table class="csv-table response-body">{table_rows(records)}</table>
            </div>
        }),
        BodyContent::Text => {
            let end = text.floor_char_boundary(SHOWN);
            let cut = (end < text.len()).then(|| {
                let values = [("shown", "256"), ("bytes", &text.len().to_string())];
                view! { <p class="quiet">{messages.with("response-cut", &values)}</p> }
            });
            EitherOf4::D(view! {
                <div class="code response-body response-text" tabindex="0" role="group" aria-label=label>{text[..end].to_owned()}</div>
                {cut}
            })
        }
    }
}

/// Returns a value with the text after it on its line; arrays and objects fold.
fn branch(label: Vec<Span>, json: &Json, after: &str) -> TreeNode {
    let leaf = |class, text: String| {
        let mut spans = label.clone();
        spans.extend([Span::new(class, text), Span::plain(after)]);
        TreeNode::Line(spans)
    };
    match json {
        Json::Null => leaf("tok-constant", "null".to_owned()),
        Json::Bool(value) => leaf("tok-constant", value.to_string()),
        Json::Number(number) => leaf("tok-number", number.clone()),
        Json::String(_) => leaf("tok-string", json.pretty()),
        Json::Array(items) if items.is_empty() => leaf("tok-operator", "[]".to_owned()),
        Json::Object(members) if members.is_empty() => leaf("tok-operator", "{}".to_owned()),
        Json::Array(items) => {
            let items = items.iter().map(|item| (None, item)).collect();
            fold(label, ["[", "]"], items, after)
        }
        Json::Object(members) => {
            let members = members.iter();
            let members = members.map(|(key, value)| (Some(key), value)).collect();
            fold(label, ["{", "}"], members, after)
        }
    }
}

fn fold(
    label: Vec<Span>,
    [open, close]: [&str; 2],
    items: Vec<(Option<&String>, &Json)>,
    after: &str,
) -> TreeNode {
    let count = items.len();
    let item = |(at, (key, value)): (usize, (Option<&String>, &Json))| {
        let key = key.map(|key| Json::String(key.clone()).pretty());
        let label = key.map_or_else(Vec::new, |key| {
            vec![Span::new("tok-key", key), Span::plain(": ")]
        });
        branch(label, value, if at + 1 < count { "," } else { "" })
    };
    TreeNode::Fold {
        label,
        head: vec![Span::plain(open)],
        count,
        items: items.into_iter().enumerate().map(item).collect(),
        tail: vec![Span::plain([close, after].concat())],
    }
}

/// Renders the records of a table; the first is its head.
fn table_rows(records: Vec<Vec<String>>) -> impl IntoView + use<> {
    let row = |(at, record): (usize, Vec<String>)| {
        let cell = |field: String| match at {
            0 => Either::Left(view! { <th>{field}</th> }),
            _ => Either::Right(view! { <td>{field}</td> }),
        };
        let cells: Vec<_> = record.into_iter().map(cell).collect();
        view! { <tr>{cells}</tr> }
    };
    records.into_iter().enumerate().map(row).collect::<Vec<_>>()
}

/// The records of a CSV text (RFC 4180).
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut records, mut record, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                records.push(std::mem::take(&mut record));
            }
            c => field.push(c),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        records.push(record);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::body_tree::tests::{folds_of, text_of};

    fn html(text: &str, content_type: &str) -> String {
        let (text, content_type) = (text.to_owned(), content_type.to_owned());
        let messages = MessageCatalog::default();
        let html = view! { <ResponseBody text=text content_type=content_type messages=messages/> }
            .to_html();
        // Leptos marks texts with comments, by which it finds them in the browser.
        html.replace("<!>", "")
    }

    #[test]
    fn nothing_of_a_body_becomes_an_element() {
        for content_type in [
            "application/json",
            "application/xml",
            "text/csv",
            "text/html",
            "",
        ] {
            for text in [
                "<script>alert(1)</script>",
                r#"{"<b>":"<img src=x onerror=alert(1)>"}"#,
                "a,<i>\n\"<u>\",</table>",
                "<a><i onclick='x'><!--<b>--><![CDATA[<u>]]></i><script>alert(1)</script></a>",
            ] {
                let html = html(text, content_type);
                for tag in ["<script", "<b>", "<img", "<i>", "<u>"] {
                    assert!(!html.contains(tag), "{content_type}: {html}");
                }
                assert!(html.matches("</table>").count() <= 1, "{html}");
            }
        }
    }

    #[test]
    fn json_folds_and_keeps_order_and_numbers() {
        let json = r#"{"b":1.50,"a":[true,{}]}"#;
        let BodyContent::Tree(tree) = BodyContent::of(json, "application/problem+json") else {
            panic!("JSON is a tree");
        };
        assert_eq!(folds_of(&tree), 2);
        assert_eq!(text_of(&tree), r#"{"b": 1.50,"a": [true,{}]}"#);
    }

    #[test]
    fn xml_folds_and_what_is_none_stays_text() {
        for content_type in [
            "application/xml; charset=utf-8",
            "text/xml",
            "image/svg+xml",
            "Application/Problem+XML",
        ] {
            let html = html("<a><b>1</b></a>", content_type);
            assert_eq!(html.matches("class=\"fold\"").count(), 1, "{html}");
            let raw = "&lt;a&gt;&lt;b&gt;1&lt;/b&gt;&lt;/a&gt;</pre>";
            assert!(html.contains(raw), "{html}");
        }
        for (text, content_type) in [
            ("<a><b></a>", "application/xml"),
            ("<a><b/></a>", "text/html"),
            ("<a><b/></a>", "application/xmlish"),
        ] {
            assert!(html(text, content_type).contains("response-text"), "{text}");
        }
    }

    #[test]
    fn what_is_large_is_plain_and_cut() {
        let json = format!("[\"{}\"]", "한".repeat(30_000));
        assert!(!html(&json, "application/json").contains("fold"));
        let text = "한".repeat(200_000);
        let html = html(&text, "text/plain");
        assert!(
            html.len() < 300 * 1024 && html.contains("response-cut"),
            "{}",
            html.len()
        );
    }

    #[test]
    fn csv_is_read_with_quotes() {
        let rows = records("a,b\r\n\"1,\"\"x\"\"\n\",\r\nz");
        assert_eq!(rows, [vec!["a", "b"], vec!["1,\"x\"\n", ""], vec!["z"]]);
    }
}
