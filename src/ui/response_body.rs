//! The body of a response as HTML: JSON and XML as a tree that folds, CSV as a table, anything else as
//! text.
//!
//! Text of HTML and not a view, for it is made in the browser too, of many lines and with nothing
//! that ever changes. Whatever the body holds is escaped: it is shown, never run.

use crate::model::html::escape;
use crate::model::http::{is_json_type, is_xml_type};
use crate::model::json::Json;
use crate::model::messages::MessageCatalog;
use crate::ui::fold::{close_fold, open_fold};
use crate::ui::response_xml;

/// From here on a body is plain text: neither coloured nor folded.
const PLAIN: usize = 64 * 1024;
/// What is shown of a body at most, in bytes.
const SHOWN: usize = 256 * 1024;

/// The body as HTML. `content_type` is the header's value.
#[must_use]
pub fn response_body(text: &str, content_type: &str, words: &MessageCatalog) -> String {
    if text.is_empty() {
        return format!(
            "<p class=\"quiet\">{}</p>",
            escape(&words.get("response-no-body"))
        );
    }
    let label = escape(&words.get("response-body"));
    let frame = |class: &str, inner: &str| {
        format!(
            "<div class=\"code response-body {class}\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\">{inner}</div>"
        )
    };
    let end = text.floor_char_boundary(SHOWN);
    let plain = || frame("response-text", &escape(&text[..end]));
    if text.len() > PLAIN {
        let cut = [("shown", "256"), ("bytes", &text.len().to_string())];
        return match end < text.len() {
            true => {
                plain()
                    + &format!(
                        "<p class=\"quiet\">{}</p>",
                        escape(&words.with("response-cut", &cut))
                    )
            }
            false => plain(),
        };
    }
    let tree = if is_json_type(content_type) {
        Json::parse(text.as_bytes()).ok().map(|json| {
            let mut tree = String::new();
            branch(&json, "", &mut tree);
            tree
        })
    } else if is_xml_type(content_type) {
        response_xml::tree(text)
    } else {
        None
    };
    if let Some(tree) = tree {
        let raw = escape(&words.get("response-raw"));
        let raw = format!(
            "<details class=\"response-raw\"><summary>{raw}</summary><pre class=\"code\" tabindex=\"0\">{}</pre></details>",
            escape(text)
        );
        return frame("response-tree", &tree) + &raw;
    }
    if content_type.trim_start().starts_with("text/csv") {
        return table(text, &label);
    }
    plain()
}

/// A value with what follows it on its line; arrays and objects fold.
fn branch(json: &Json, after: &str, html: &mut String) {
    let mut leaf = |class: &str, text: &str| {
        html.push_str(&format!(
            "<span class=\"{class}\">{}</span>{after}",
            escape(text)
        ));
    };
    match json {
        Json::Null => leaf("tok-constant", "null"),
        Json::Bool(value) => leaf("tok-constant", if *value { "true" } else { "false" }),
        Json::Number(number) => leaf("tok-number", number),
        Json::String(_) => leaf("tok-string", &json.pretty()),
        Json::Array(items) if items.is_empty() => leaf("tok-operator", "[]"),
        Json::Object(members) if members.is_empty() => leaf("tok-operator", "{}"),
        Json::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| (None, item)).collect();
            fold(('[', ']'), &items, after, html);
        }
        Json::Object(members) => {
            let members: Vec<_> = members
                .iter()
                .map(|(key, value)| (Some(key), value))
                .collect();
            fold(('{', '}'), &members, after, html);
        }
    }
}

fn fold(
    (open, close): (char, char),
    items: &[(Option<&String>, &Json)],
    after: &str,
    html: &mut String,
) {
    open_fold(&open.to_string(), items.len(), html);
    for (at, (key, value)) in items.iter().enumerate() {
        html.push_str("<div class=\"fold-item\">");
        if let Some(key) = key {
            let key = Json::String((*key).clone()).pretty();
            html.push_str(&format!(
                "<span class=\"tok-key\">{}</span>: ",
                escape(&key)
            ));
        }
        let after = if at + 1 < items.len() { "," } else { "" };
        branch(value, after, html);
        html.push_str("</div>");
    }
    close_fold(&format!("{close}{after}"), html);
}

fn table(text: &str, label: &str) -> String {
    let mut html = format!(
        "<div class=\"table-scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{label}\"><table class=\"csv-table response-body\">"
    );
    for (at, row) in records(text).iter().enumerate() {
        let cell = if at == 0 { "th" } else { "td" };
        html.push_str("<tr>");
        for field in row {
            html.push_str(&format!("<{cell}>{}</{cell}>", escape(field)));
        }
        html.push_str("</tr>");
    }
    html + "</table></div>"
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

    fn html(text: &str, content_type: &str) -> String {
        response_body(text, content_type, &MessageCatalog::default())
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
        let html = html(r#"{"b":1.50,"a":[true,{}]}"#, "application/problem+json");
        let tree = &html[..html
            .find("<details class=\"response-raw\"")
            .expect("raw text")];
        assert_eq!(tree.matches("<details class=\"fold\" open>").count(), 2);
        let places =
            ["\">&quot;b&quot;", "1.50", "&quot;a&quot;", "true", "{}"].map(|text| tree.find(text));
        assert!(
            places.iter().all(Option::is_some) && places.is_sorted(),
            "{tree}"
        );
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
            let (tree, raw) =
                html.split_at(html.find("<details class=\"response-raw\"").expect("raw"));
            assert_eq!(tree.matches("<details class=\"fold\" open>").count(), 1);
            assert!(
                raw.contains("&lt;a&gt;&lt;b&gt;1&lt;/b&gt;&lt;/a&gt;"),
                "{raw}"
            );
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
