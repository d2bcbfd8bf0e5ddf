//! Checks the import rules of ARCHITECTURE.md: which module may import which, that no files of a
//! folder import each other in a circle, and where islands, features and SQL may be.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "layers/circles.rs"]
mod circles;

/// A module and the other modules that it may import.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("http_file", &["model"]),
    ("snippet", &["http_file", "model"]),
    ("components", &["model"]),
    ("islands", &["components", "snippet", "http_file", "model"]),
    ("clock", &[]),
    ("i18n", &["model"]),
    ("config", &["model"]),
    ("content", &["http_file", "i18n", "model"]),
    ("database", &["model"]),
    ("search", &["content", "database", "model"]),
    ("sandbox", &["database", "clock", "model"]),
    ("portal", &["database", "clock", "model"]),
    ("api", &["portal", "sandbox", "clock", "model"]),
    ("csv_text", &["api"]),
    (
        "state",
        &[
            "api", "portal", "content", "search", "sandbox", "i18n", "config", "model",
        ],
    ),
    (
        "pages",
        &[
            "state",
            "portal",
            "content",
            "search",
            "sandbox",
            "api",
            "csv_text",
            "http_file",
            "model",
            "components",
            "islands",
        ],
    ),
    ("server", &[]),
    ("cli", &[]),
];

/// The server may import everything but the command line, which may import all.
fn may_import(module: &str, imported: &str) -> bool {
    match (module, imported) {
        ("cli", _) => true,
        ("server", imported) => imported != "cli",
        _ => LAYERS
            .iter()
            .any(|(name, may)| *name == module && may.contains(&imported)),
    }
}

#[test]
fn modules_import_only_permitted_modules() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for (path, text) in sources() {
        let module = module_of(&path);
        if module == "lib" || module == "main" {
            continue;
        }
        if !LAYERS.iter().any(|(name, _)| *name == module) {
            broken.push(format!(
                "{}: module {module} has no row in the table",
                path.display()
            ));
            continue;
        }
        for imported in imports(&text) {
            seen += 1;
            if imported != module && !may_import(&module, &imported) {
                broken.push(format!(
                    "{}: {module} may not import {imported}",
                    path.display()
                ));
            }
        }
    }
    assert!(
        seen > 50,
        "only {seen} imports were read: the reading is broken"
    );
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_permitted_import_is_used() {
    let mut used = BTreeSet::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        used.extend(
            imports(&text)
                .into_iter()
                .map(|name| (module.clone(), name)),
        );
    }
    let all = LAYERS
        .iter()
        .flat_map(|(module, may)| may.iter().map(move |name| (*module, *name)));
    let unused: Vec<_> = all
        .filter(|(module, name)| !used.contains(&((*module).to_owned(), (*name).to_owned())))
        .collect();
    assert!(unused.is_empty(), "no import needs {unused:?}");
}

#[test]
fn every_module_of_the_table_exists() {
    let modules: Vec<String> = sources().iter().map(|(path, _)| module_of(path)).collect();
    for (module, _) in LAYERS {
        assert!(
            modules.iter().any(|m| m == module),
            "{module} is in the table but not in src/"
        );
    }
}

#[test]
fn browser_apis_are_used_only_in_islands() {
    for (path, text) in sources() {
        if module_of(&path) != "islands" {
            for word in ["web_sys::", "js_sys::", "#[island"] {
                assert!(!text.contains(word), "{}: {word}", path.display());
            }
        }
    }
}

#[test]
fn cfg_feature_is_used_only_in_lib() {
    for (path, text) in sources() {
        if module_of(&path) != "lib" {
            let asks = text
                .lines()
                .any(|line| line.contains("cfg") && line.contains("feature ="));
            assert!(!asks, "{}: cfg(feature) outside lib.rs", path.display());
        }
    }
}

/// SQL is allowed only in the modules that store rows.
#[test]
fn sql_occurs_only_in_the_stores() {
    for (path, text) in sources() {
        let module = module_of(&path);
        if !["portal", "sandbox", "search", "database"].contains(&module.as_str()) {
            assert!(
                !text.contains("Statement::new("),
                "{}: SQL outside the stores",
                path.display()
            );
        }
        if module != "database" {
            assert!(
                !text.contains("sqlx::query"),
                "{}: a statement that passes the executor by",
                path.display()
            );
        }
    }
}

/// The server connects to nothing but its databases, the mail server, and the identity provider.
#[test]
fn connections_to_other_servers_are_opened_in_two_files() {
    let openers = [
        "lettre::",
        "TcpStream::connect",
        "TcpSocket",
        "UdpSocket",
        "client::conn",
    ];
    let mut found = BTreeSet::new();
    for (path, text) in sources() {
        if openers.iter().any(|opener| text.contains(opener)) {
            found.insert(path.display().to_string());
        }
    }
    let expected = ["portal/http_client.rs", "portal/mail.rs"];
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn every_file_has_a_module_comment() {
    for (path, text) in sources() {
        assert!(
            text.starts_with("//! "),
            "{}: does not begin with //!",
            path.display()
        );
    }
}

#[test]
fn imports_are_parsed_in_every_form() {
    let text = "use crate::model::user;\nuse crate::{api, pages::render};\nlet x = crate::sandbox::open();\n// crate::cli\n";
    assert_eq!(imports(text), ["model", "sandbox", "api", "pages"]);
}

/// Returns the first path segments after `crate::`, without those in comments.
fn imports(text: &str) -> Vec<String> {
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
        // A visibility is no import.
        .replace("pub(in crate::", "pub(in ");
    let word = |text: &str| {
        text.chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    let mut single = Vec::new();
    let mut grouped = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            None => single.push(word(rest)),
            Some(group) => {
                let mut depth = 0;
                let mut item = true;
                for (at, c) in group.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => item = true,
                        c if item && c.is_alphabetic() => {
                            grouped.push(word(&group[at..]));
                            item = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    single.extend(grouped);
    single
}

fn module_of(path: &Path) -> String {
    let first = path
        .components()
        .next()
        .expect("a path inside src")
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Returns every source file with its path inside `src`.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder of sources") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                files.push((
                    path.strip_prefix(&root).expect("inside src").to_owned(),
                    text,
                ));
            }
        }
    }
    files
}
