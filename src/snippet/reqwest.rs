//! Rust with reqwest and tokio.

use crate::snippet::literal::{Escapes, is_invisible, literal};
use crate::snippet::{LoginStep, SendableParts};

pub(super) fn write(request: &SendableParts, out: &mut String) {
    out.push_str("#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n");
    match &request.login {
        Some(login) => {
            log_in(login, out);
            out.push_str("    let response = client\n        .request(");
        }
        None => out.push_str("    let response = reqwest::Client::new()\n        .request("),
    }
    match request.method {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "TRACE" => {
            out.push_str("reqwest::Method::");
            out.push_str(request.method);
        }
        method => {
            out.push_str("reqwest::Method::from_bytes(b");
            literal(method, "\"", Escapes::Braces, out);
            out.push_str(")?");
        }
    }
    out.push_str(", ");
    text(&request.url, out);
    out.push(')');
    for (name, value) in &request.headers {
        header(name, value, out);
    }
    if request.login.is_some() {
        out.push_str("\n        .header(\"Cookie\", cookie)");
    }
    if request.has_body() {
        out.push_str("\n        .body(");
        text(request.body, out);
        out.push(')');
    }
    out.push_str("\n        .send()\n        .await?;\n");
    out.push_str("    println!(\"{}\", response.status());\n");
    out.push_str(match request.method {
        "HEAD" => "    println!(\"{:#?}\", response.headers());\n",
        _ => "    println!(\"{}\", response.text().await?);\n",
    });
    out.push_str("    Ok(())\n}\n");
}

/// Writes the call that logs in. It takes the cookie out of the response, because the cookie store of the crate is an
/// optional feature.
fn log_in(login: &LoginStep, out: &mut String) {
    out.push_str(
        "    let client = reqwest::Client::new();\n    let login = client\n        .post(",
    );
    text(&login.url, out);
    out.push(')');
    for (name, value) in login.headers() {
        header(name, value, out);
    }
    out.push_str("\n        .body(");
    text(&login.body, out);
    out.push_str(")\n        .send()\n        .await?;\n");
    out.push_str("    let cookie = login.headers()[\"set-cookie\"].to_str()?.split(';').next().unwrap_or_default().to_owned();\n\n");
}

fn header(name: &str, value: &str, out: &mut String) {
    out.push_str("\n        .header(");
    text(name, out);
    out.push_str(", ");
    text(value, out);
    out.push(')');
}

/// Writes a string literal, a raw one if the text would need escapes.
fn text(text: &str, out: &mut String) {
    if !text.contains(['"', '\\']) || text.contains(is_invisible) {
        return literal(text, "\"", Escapes::Braces, out);
    }
    let mut hashes = "#".to_owned();
    while text.contains(&["\"", &hashes].concat()) {
        hashes.push('#');
    }
    for part in ["r", &hashes, "\"", text, "\"", &hashes] {
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use crate::snippet::reqwest::*;

    #[test]
    fn literal_is_raw_if_it_would_need_escapes() {
        fn check(value: &str, expected: &str) {
            let mut out = String::new();
            text(value, &mut out);
            assert_eq!(out, expected);
        }
        check("it's\n한글", "\"it's\n한글\"");
        check("{\"a\": 1}", "r#\"{\"a\": 1}\"#");
        check("\"# \"##", "r###\"\"# \"##\"###");
        check("\\", "r#\"\\\"#");
        check("\"\r", "\"\\\"\\r\"");
    }
}
