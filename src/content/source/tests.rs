//! Tests of the extraction of functions.

use super::extract::{indentation, python_functions, rust_functions};
use super::*;

const PYTHON: &str = "\
import x

@app.route(\"/a\", methods=[\"GET\"])
@negotiated
def show(
    user_id,
):
    \"\"\"Doc.\"\"\"

    return 1


LATER = 1


class Store:
    def show_all(self):
        return [
            1,
        ]

    @property
    def db(self):
        return 2
";

const RUST: &str = "\
//! File.

/// Shows one.
///
/// In full.
#[expect(dead_code, reason = \"x\")]
pub(super) async fn show(
    Id(id): Id,
) -> Result<Response, ApiError>
where
    A: B,
{
    if x {
        y();
    }
}

/// More.
pub(super) struct Id(pub(super) UserId);

impl Id {
    /// A number.
    fn get<'a>(self) -> i64 {
        0
    }
}

fn one_line() {}

pub(in crate::api) fn restricted() {}

#[cfg(test)]
mod tests {
    fn show() {}
}
";

fn programs() -> Programs {
    let one = |name: &str, text: &str| BTreeMap::from([(name.to_owned(), text.to_owned())]);
    Programs {
        flask: one("app", PYTHON),
        axum: one("user::mod", RUST),
    }
}

fn extract(text: &str) -> Result<String, String> {
    programs().extract(&FunctionSource::parse(text)?)
}

#[test]
fn python_function_is_extracted_with_its_decorators() {
    let show = &PYTHON[10..PYTHON.find("\n\nLATER").expect("there")];
    assert_eq!(extract("flask:show").as_deref(), Ok(show));
    assert_eq!(extract("flask:app::show").as_deref(), Ok(show));
    let all = "def show_all(self):\n    return [\n        1,\n    ]\n";
    assert_eq!(extract("flask:show_all").as_deref(), Ok(all));
    let db = "@property\ndef db(self):\n    return 2\n";
    assert_eq!(extract("flask:db").as_deref(), Ok(db));
    assert_eq!(extract("flask:Store.db").as_deref(), Ok(db));
    let both = extract("flask:app::show_all,db");
    assert_eq!(both, Ok(format!("{all}\n\n{db}")));
    assert!(extract("flask:Store").expect("a class").contains("def db"));
}

#[test]
fn rust_function_is_extracted_with_its_doc_comment() {
    let show = extract("axum:user::show").expect("there");
    assert!(show.starts_with("/// Shows one.\n///\n"), "{show}");
    assert!(show.ends_with("        y();\n    }\n}\n"), "{show}");
    let get = "/// A number.\nfn get<'a>(self) -> i64 {\n    0\n}\n";
    assert_eq!(extract("axum:user::get").as_deref(), Ok(get));
    assert_eq!(extract("axum:user::Id.get").as_deref(), Ok(get));
    let both = extract("axum:user::one_line,user::Id.get");
    assert_eq!(both, Ok(format!("fn one_line() {{}}\n\n{get}")));
    let both = extract("axum:user::one_line,get");
    assert_eq!(both, Ok(format!("fn one_line() {{}}\n\n{get}")));
    let restricted = extract("axum:user::restricted");
    assert_eq!(
        restricted.as_deref(),
        Ok("pub(in crate::api) fn restricted() {}\n")
    );
    let id = "/// More.\npub(super) struct Id(pub(super) UserId);\n";
    assert_eq!(extract("axum:user::Id").as_deref(), Ok(id));
    assert_eq!(
        extract("axum:user::one_line").as_deref(),
        Ok("fn one_line() {}\n")
    );
}

#[test]
fn file_is_found_by_the_end_of_its_path() {
    let file = |path: &str| SourceFile {
        path: path.to_owned(),
        bytes: b"fn show() {}\n".to_vec(),
    };
    let files = [
        file("http/link.rs"),
        file("a/user.rs"),
        file("b/user/mod.rs"),
    ];
    let programs = Programs {
        flask: BTreeMap::new(),
        axum: texts(&files, "", ".rs"),
    };
    let extract = |text: &str| programs.extract(&FunctionSource::parse(text).expect("a source"));
    for one in [
        "axum:link::show",
        "axum:http::link::show",
        "axum:a::user::show",
        "axum:b::user::show",
    ] {
        assert!(extract(one).is_ok(), "{one}");
    }
    let both = extract("axum:user::show").expect_err("there are two");
    assert!(both.contains("has 2 functions show"), "{both}");
    assert!(extract("axum:ink::show").is_err());
}

#[test]
fn unknown_or_ambiguous_function_is_an_error() {
    let check = |text: &str, expected: &str| {
        let error = extract(text).expect_err(text);
        assert!(error.contains(expected), "{error}");
    };
    check("flask:sho", "has no function sho");
    check("flask:other::show", "has no file other");
    check("axum:user::hidden", "has no function hidden");
    check("axum:user::Id.show", "has no function Id.show");
    check("axum:ser::get", "has no file ser");
    check("flask:db,sho", "has no function sho");
    for text in [
        "flask",
        "flask:",
        "axum:show",
        "django:show",
        "flask:a b",
        "flask:a,",
        "flask:a.",
        "axum:user::",
    ] {
        check(text, "is neither");
    }
    let mut twice = programs();
    twice.flask.insert("more".to_owned(), PYTHON.to_owned());
    let show = FunctionSource::parse("flask:show").expect("a source");
    let error = twice.extract(&show).expect_err("two of them");
    assert!(error.contains("has 2 functions show"), "{error}");
}

/// Extracts every function of the embedded programs and checks that each is complete and alone.
#[test]
fn every_function_of_the_embedded_programs_is_extracted() {
    let programs = Programs::of(&[]);
    let mut count = 0;
    let mut check = |text: &str, keyword: &str, functions: fn(&str, &str) -> Vec<String>| {
        for line in text.lines() {
            let Some((_, rest)) = line.split_once(keyword) else {
                continue;
            };
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name: String = rest.chars().take_while(|c| name(*c)).collect();
            for function in functions(text, &name) {
                count += 1;
                let lines: Vec<&str> = function.lines().collect();
                let is_head = |line: &&&str| indentation(line) == 0 && line.contains(keyword);
                assert_eq!(lines.iter().filter(is_head).count(), 1, "{function}");
                let last = lines[lines.len() - 1];
                let ends = keyword == "def " || last.ends_with(['}', ';']);
                assert!(ends && lines.len() < 120, "{function}");
            }
        }
    };
    for text in programs.flask.values() {
        check(text, "def ", python_functions);
    }
    for text in programs.axum.values() {
        check(text, "fn ", rust_functions);
    }
    assert!(count > 100, "{count}");
}
