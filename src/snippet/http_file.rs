//! A `.http` file of one request for editors, with the whole address, so that it runs elsewhere.
//!
//! The format has no escapes: a line of content that begins with `###` ends it, and `{{…}}` is a
//! variable to the editor.

use crate::snippet::SendableParts;

pub(super) fn write(sent: &SendableParts, out: &mut String) {
    for part in [sent.method, " ", &sent.url, " HTTP/1.1\n"] {
        out.push_str(part);
    }
    for (name, value) in &sent.headers {
        out.push_str(name);
        out.push(':');
        if !value.is_empty() {
            out.push(' ');
            out.push_str(value);
        }
        out.push('\n');
    }
    if sent.has_body() {
        out.push('\n');
        out.push_str(sent.body);
        out.push('\n');
    }
}
