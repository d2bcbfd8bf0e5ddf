//! Holds the rule of ARCHITECTURE.md that inside a folder no files import each other in a circle.
//!
//! Each folder is looked at by itself: its nodes are its files and its sub-folders (with all that is in them), its own
//! `mod.rs` among them. What `mod.rs` only re-exports is no import, and unit tests may import anything.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources;

/// Modules by their path without `crate`, each with the modules that it imports.
type Graph = BTreeMap<String, BTreeSet<String>>;

#[test]
fn no_folder_has_a_circle_of_imports() {
    let graph = module_graph();
    let edges: usize = graph.values().map(BTreeSet::len).sum();
    assert!(
        edges > 300,
        "only {edges} imports were read: the reading is broken"
    );
    let mut circles = Vec::new();
    for folder in folders(&graph) {
        for circle in circles_of(&children_graph(&graph, &folder)) {
            circles.push(format!("{folder}: {}", circle.join(" -> ")));
        }
    }
    assert!(circles.is_empty(), "\n{}", circles.join("\n"));
}

#[test]
fn a_circle_is_found_with_its_members() {
    let graph = graph_of(&[
        (
            "a",
            "use crate::b::Thing;\nmod x;\nmod y;\npub use x::One;\n",
        ),
        ("a::x", "use super::y::Two;\n"),
        ("a::y", "fn f() { crate::a::x::g() }\n"),
        ("b", "#[cfg(test)]\nmod tests { use crate::a::x::One; }\n"),
    ]);
    assert_eq!(graph["a"], BTreeSet::from(["b".to_owned()]));
    assert_eq!(circles_of(&children_graph(&graph, "a")), [["a::x", "a::y"]]);
    assert!(circles_of(&children_graph(&graph, "")).is_empty());
}

#[test]
fn a_group_of_imports_is_read_item_by_item() {
    assert_eq!(
        paths_of("crate::{a::{self, B}, c::D as E}"),
        ["crate::a::self", "crate::a::B", "crate::c::D"]
    );
}

fn module_graph() -> Graph {
    let files: Vec<(String, String)> = sources()
        .into_iter()
        .map(|(path, text)| {
            let path = path.with_extension("");
            let path = match path.file_name() {
                Some(name) if name == "mod" => path.parent().expect("a folder").to_owned(),
                _ => path,
            };
            (path.to_string_lossy().replace('/', "::"), text)
        })
        .filter(|(module, _)| module != "lib" && module != "main")
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(m, t)| (m.as_str(), t.as_str()))
        .collect();
    graph_of(&files)
}

fn graph_of(files: &[(&str, &str)]) -> Graph {
    let modules: BTreeSet<&str> = files.iter().map(|(module, _)| *module).collect();
    let mut graph = Graph::new();
    for (module, text) in files {
        let imported = references(text)
            .filter_map(|(path, re_export)| {
                let target = resolve(&path, module, &modules)?;
                let inside = target.starts_with(&format!("{module}::"));
                (target != *module && !(re_export && inside)).then_some(target)
            })
            .collect();
        graph.insert((*module).to_owned(), imported);
    }
    graph
}

/// The paths that a file refers to, and whether it only re-exports them.
fn references(text: &str) -> impl Iterator<Item = (String, bool)> {
    let code = without_comments_and_tests(text);
    let mut found = Vec::new();
    let mut rest = String::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let (public, import) = match trimmed.find("use ") {
            Some(0) => (false, true),
            Some(at)
                if trimmed.starts_with("pub")
                    && !trimmed[..at].contains(|c: char| "={;".contains(c)) =>
            {
                (true, true)
            }
            _ => (false, false),
        };
        if !import {
            rest.push_str(line);
            rest.push('\n');
            continue;
        }
        let mut statement = trimmed.to_owned();
        while !statement.contains(';') {
            let Some(next) = lines.next() else { break };
            statement.push_str(next.trim());
        }
        let start = statement.find("use ").map_or(0, |at| at + 4);
        let end = statement.find(';').unwrap_or(statement.len());
        found.extend(
            paths_of(&statement[start..end])
                .into_iter()
                .map(|path| (path, public)),
        );
    }
    for root in ["crate::", "super::"] {
        for (at, _) in rest.match_indices(root) {
            let before = rest[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let path: String = rest[at..]
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':')
                .collect();
            found.push((path.trim_end_matches(':').to_owned(), false));
        }
    }
    found.into_iter()
}

fn without_comments_and_tests(text: &str) -> String {
    let code: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    // A visibility is not an import.
    let code = code.join("\n").replace("pub(in crate::", "pub(in ");
    match code.find("#[cfg(test)]\nmod ") {
        Some(at) => code[..at].to_owned(),
        None => code,
    }
}

/// The single paths of a use tree, without their aliases.
fn paths_of(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        return vec![path.trim().to_owned()];
    };
    let prefix = &tree[..open];
    let inner = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
    let mut items = Vec::new();
    let (mut depth, mut from) = (0, 0);
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    items.push(&inner[from..]);
    items
        .into_iter()
        .filter(|item| !item.trim().is_empty())
        .flat_map(|item| paths_of(&format!("{prefix}{}", item.trim())))
        .collect()
}

/// The module that a path leads into, if it is one of this crate.
fn resolve(path: &str, module: &str, modules: &BTreeSet<&str>) -> Option<String> {
    let mut segments: Vec<&str> = path.split("::").collect();
    let mut base: Vec<&str> = module.split("::").collect();
    match segments[0] {
        "crate" => {
            base.clear();
            segments.remove(0);
        }
        "self" => {
            segments.remove(0);
        }
        "super" => {
            while segments.first() == Some(&"super") {
                base.pop();
                segments.remove(0);
            }
        }
        child if modules.contains(format!("{module}::{child}").as_str()) => {}
        _ => return None,
    }
    base.extend(segments);
    (1..=base.len())
        .rev()
        .map(|length| base[..length].join("::"))
        .find(|path| modules.contains(path.as_str()))
}

/// Every module that has modules inside; the crate itself is held by the table of layers.
fn folders(graph: &Graph) -> BTreeSet<String> {
    graph
        .keys()
        .filter_map(|module| Some(module.rsplit_once("::")?.0.to_owned()))
        .collect()
}

/// The imports between the children of a folder, its own file among them.
fn children_graph(graph: &Graph, folder: &str) -> Graph {
    let child_of = |module: &str| {
        if module == folder {
            return Some(folder.to_owned());
        }
        let inside = match folder {
            "" => module,
            _ => module.strip_prefix(folder)?.strip_prefix("::")?,
        };
        let name = inside.split("::").next().unwrap_or_default();
        Some(if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}::{name}")
        })
    };
    let mut children = Graph::new();
    for (module, imported) in graph {
        let Some(child) = child_of(module) else {
            continue;
        };
        let targets = imported
            .iter()
            .filter_map(|target| child_of(target))
            .filter(|target| *target != child);
        children
            .entry(child.clone())
            .or_default()
            .extend(targets.collect::<Vec<_>>());
    }
    children
}

/// The circles of a graph: each a set of modules that reach one another.
fn circles_of(graph: &Graph) -> Vec<Vec<String>> {
    let reach: BTreeMap<&str, BTreeSet<&str>> = graph
        .keys()
        .map(|start| (start.as_str(), reachable(graph, start)))
        .collect();
    let mut circles: Vec<Vec<String>> = Vec::new();
    for module in graph.keys() {
        if circles.iter().any(|circle| circle.contains(module)) {
            continue;
        }
        let circle: Vec<String> = graph
            .keys()
            .filter(|other| {
                reach[module.as_str()].contains(other.as_str())
                    && reach[other.as_str()].contains(module.as_str())
            })
            .cloned()
            .collect();
        if !circle.is_empty() {
            circles.push(circle);
        }
    }
    circles
}

/// What can be reached from a module by one import or more.
fn reachable<'a>(graph: &'a Graph, start: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&str> = vec![start];
    while let Some(module) = open.pop() {
        for next in graph.get(module).into_iter().flatten() {
            if seen.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    seen
}
