//! Extracts functions from source texts.
//!
//! The end of a function is found by indentation, which the formatters of both languages guarantee: a Rust
//! function ends with a brace in the column of its first letter, a Python function before the next line that
//! is not indented further than its head.

/// Returns the functions with this name in a Python source text, with their decorators.
pub(super) fn python_functions(text: &str, name: &str) -> Vec<String> {
    if let Some((class, name)) = name.split_once('.') {
        return python_functions(text, class)
            .iter()
            .flat_map(|class| python_functions(class, name))
            .collect();
    }
    let lines: Vec<&str> = text.lines().collect();
    let is_head = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        let rest = line.strip_prefix("def ").or(line.strip_prefix("class "));
        let rest = rest.and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with(['(', ':']))
    };
    let found = (0..lines.len()).filter(|at| is_head(lines[*at]));
    let functions = found.map(|at| {
        let indent = indentation(lines[at]);
        let is_inside = |line: &&&str| {
            let is_closing = line.trim_start().starts_with([')', ']', '}']);
            line.trim().is_empty() || indentation(line) > indent || is_closing
        };
        let end = at + 1 + lines[at + 1..].iter().take_while(is_inside).count();
        let is_decorator =
            |line: &&&str| indentation(line) == indent && line.trim().starts_with('@');
        let start = at - lines[..at].iter().rev().take_while(is_decorator).count();
        join_unindented(&lines[start..end], indent)
    });
    functions.collect()
}

/// Returns the functions and types with this name in a Rust source text, with their doc comments and
/// attributes; test modules are skipped.
pub(super) fn rust_functions(text: &str, name: &str) -> Vec<String> {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or(text);
    let is_named = |line: &str| {
        let line = line.trim_start();
        // The path of a restricted visibility is one word: `pub(in crate::api) fn`.
        let (_, line) = line
            .strip_prefix("pub(in ")
            .and_then(|rest| rest.split_once(") "))
            .unwrap_or(("", line));
        let mut words = line.split(' ').skip_while(|word| {
            word.starts_with("pub") || ["async", "const", "unsafe"].contains(word)
        });
        let is_item = words
            .next()
            .is_some_and(|word| ["fn", "struct", "enum"].contains(&word));
        let rest = words.next().and_then(|word| word.strip_prefix(name));
        let is_boundary = |c: char| !c.is_alphanumeric() && c != '_';
        is_item && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(is_boundary))
    };
    match name.split_once('.') {
        None => rust_items(text, is_named),
        Some((of, name)) => {
            let of = [format!("impl {of} {{"), format!(" for {of} {{")];
            let implements = |line: &str| {
                line.starts_with("impl") && of.iter().any(|of| line.ends_with(of.as_str()))
            };
            let blocks = rust_items(text, implements);
            blocks
                .iter()
                .flat_map(|block| rust_functions(block, name))
                .collect()
        }
    }
}

/// Returns the items of a Rust source text whose first line satisfies `is_head`.
fn rust_items(text: &str, is_head: impl Fn(&str) -> bool) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let found = (0..lines.len()).filter(|at| is_head(lines[*at]));
    let items = found.map(|at| {
        let indent = indentation(lines[at]);
        let is_end = |line: &str| indentation(line) == indent && line.ends_with(['}', ';']);
        let rest = lines[at..].iter().position(|line| is_end(line));
        let end = rest.map_or(lines.len(), |rest| at + rest + 1);
        let is_doc_or_attribute = |line: &&&str| {
            let line = line.trim_start();
            line.starts_with("///") || line.starts_with("#[")
        };
        let start = at
            - lines[..at]
                .iter()
                .rev()
                .take_while(is_doc_or_attribute)
                .count();
        join_unindented(&lines[start..end], indent)
    });
    items.collect()
}

/// Returns the number of leading spaces of a line.
pub(super) fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Joins lines without their indentation and without empty lines at the end.
fn join_unindented(lines: &[&str], indent: usize) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.get(indent..).unwrap_or_default());
        text.push('\n');
    }
    format!("{}\n", text.trim_end())
}
