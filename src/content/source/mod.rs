//! Functions cut by name from the programs that lessons show: `source=flask:get_user` from the
//! Flask version, `source=axum:user::show` from the API itself. So a lesson shows what really runs.
//! A file is named by the end of its path that no other has. Several names stand with commas between
//! them, `FILE::` before the first in a file, a method as
//! `Type.method`.
//!
//! The end of a function is found by indentation, which the formatters of both languages guarantee: a
//! function in Rust ends with a brace in the column of its first letter, one in Python before the next
//! line that is not indented further than its head.

use std::collections::BTreeMap;

use super::load::{self, SourceFile};

/// The functions of a program that a fence shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FunctionSource {
    program: Program,
    places: Vec<FunctionPlace>,
}

/// The location of a function.
#[derive(Clone, Debug, PartialEq)]
struct FunctionPlace {
    /// The end of the file's path, without its ending and with `::` between folders; `None` for wherever it
    /// is.
    file: Option<String>,
    name: String,
}

/// A program from which lessons show functions.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Program {
    Flask,
    Axum,
}

impl FunctionSource {
    /// Parses the value of `source=`.
    ///
    /// # Errors
    /// A message for the author, without file and line.
    pub(super) fn parse(text: &str) -> Result<FunctionSource, String> {
        let wrong = || format!("source={text} is neither flask:NAME nor axum:FILE::NAME");
        let (program, names) = text.split_once(':').ok_or_else(wrong)?;
        let program = match program {
            "flask" => Program::Flask,
            "axum" => Program::Axum,
            _ => return Err(wrong()),
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = |name: &str| !name.is_empty() && name.chars().all(is_word);
        let mut places: Vec<FunctionPlace> = Vec::new();
        for part in names.split(',') {
            let (file, name) = match part.rsplit_once("::") {
                Some((file, name)) => (Some(file.to_owned()), name),
                // A name without a file is in the file of the preceding name.
                None => (places.last().and_then(|place| place.file.clone()), part),
            };
            if !name.split('.').all(is_name) || (program == Program::Axum && file.is_none()) {
                return Err(wrong());
            }
            let name = name.to_owned();
            places.push(FunctionPlace { file, name });
        }
        Ok(FunctionSource { program, places })
    }

    /// Returns the programming language of the program.
    pub(super) fn language(&self) -> &'static str {
        match self.program {
            Program::Flask => "python",
            Program::Axum => "rust",
        }
    }
}

/// The source files of the programs, by path.
pub(super) struct Programs {
    flask: BTreeMap<String, String>,
    axum: BTreeMap<String, String>,
}

impl Programs {
    /// Collects the Flask version of a content folder, or the built-in one when the folder has none, and the
    /// embedded source of the API.
    pub(super) fn of(files: &[SourceFile]) -> Programs {
        let mut flask = texts(files, "flask/", ".py");
        if flask.is_empty() {
            flask = texts(&load::built_in(), "flask/", ".py");
        }
        Programs {
            flask,
            axum: texts(&load::api(), "", ".rs"),
        }
    }

    /// Returns the text of the functions, separated by empty lines.
    ///
    /// # Errors
    /// Returns a message when a function does not exist or is ambiguous.
    pub(super) fn cut(&self, source: &FunctionSource) -> Result<String, String> {
        let places = source.places.iter();
        let cuts = places.map(|place| self.cut_one(source.program, place));
        let cuts: Result<Vec<_>, _> = cuts.collect();
        let between = match source.program {
            Program::Flask => "\n\n",
            Program::Axum => "\n",
        };
        Ok(cuts?.join(between))
    }

    fn cut_one(&self, program: Program, place: &FunctionPlace) -> Result<String, String> {
        let FunctionPlace { file, name } = place;
        let (files, cut): (_, fn(&str, &str) -> Vec<String>) = match program {
            Program::Flask => (&self.flask, python),
            Program::Axum => (&self.axum, rust),
        };
        let is_named = |path: &str| match file {
            Some(file) => {
                let path = path.strip_suffix("::mod").unwrap_or(path);
                let folder = path.strip_suffix(file.as_str());
                folder.is_some_and(|folder| folder.is_empty() || folder.ends_with("::"))
            }
            None => true,
        };
        let named = files.iter().filter(|(path, _)| is_named(path));
        let texts: Vec<&String> = named.map(|(_, text)| text).collect();
        if let Some(file) = file
            && texts.is_empty()
        {
            return Err(format!("there is no file {file} to cut {name} from"));
        }
        let mut found: Vec<_> = texts.iter().flat_map(|text| cut(text, name)).collect();
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(format!("there is no function {name} to cut")),
            count => Err(format!(
                "there are {count} functions {name}: say in which file as FILE::{name}"
            )),
        }
    }
}

/// Returns the files of a folder with an extension, by their path without folder and extension and with
/// `::` instead of `/`.
fn texts(files: &[SourceFile], folder: &str, ending: &str) -> BTreeMap<String, String> {
    let named = files.iter().filter_map(|file| {
        let stem = file.path.strip_prefix(folder)?.strip_suffix(ending)?;
        let text = String::from_utf8_lossy(&file.bytes).into_owned();
        Some((stem.replace('/', "::"), text))
    });
    named.collect()
}

/// Returns the functions with this name in a Python source text, with their decorators.
fn python(text: &str, name: &str) -> Vec<String> {
    if let Some((class, name)) = name.split_once('.') {
        return python(text, class)
            .iter()
            .flat_map(|class| python(class, name))
            .collect();
    }
    let lines: Vec<&str> = text.lines().collect();
    let starts = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        let rest = line.strip_prefix("def ").or(line.strip_prefix("class "));
        let rest = rest.and_then(|rest| rest.strip_prefix(name));
        rest.is_some_and(|rest| rest.starts_with(['(', ':']))
    };
    let found = (0..lines.len()).filter(|at| starts(lines[*at]));
    let cut = found.map(|at| {
        let margin = margin(lines[at]);
        let inside = |line: &&&str| {
            let closes = line.trim_start().starts_with([')', ']', '}']);
            line.trim().is_empty() || self::margin(line) > margin || closes
        };
        let end = at + 1 + lines[at + 1..].iter().take_while(inside).count();
        let above = |line: &&&str| self::margin(line) == margin && line.trim().starts_with('@');
        let start = at - lines[..at].iter().rev().take_while(above).count();
        without_margin(&lines[start..end], margin)
    });
    cut.collect()
}

/// Returns the functions and types with this name in a Rust source text, with their doc comments and
/// attributes; test modules are skipped.
fn rust(text: &str, name: &str) -> Vec<String> {
    let text = text.split("\n#[cfg(test)]").next().unwrap_or(text);
    let named = |line: &str| {
        let line = line.trim_start();
        // The path of a restricted visibility is a word of its own: `pub(in crate::api) fn`.
        let (_, line) = line
            .strip_prefix("pub(in ")
            .and_then(|rest| rest.split_once(") "))
            .unwrap_or(("", line));
        let mut words = line.split(' ').skip_while(|word| {
            word.starts_with("pub") || ["async", "const", "unsafe"].contains(word)
        });
        let item = words
            .next()
            .is_some_and(|word| ["fn", "struct", "enum"].contains(&word));
        let rest = words.next().and_then(|word| word.strip_prefix(name));
        let ends = |c: char| !c.is_alphanumeric() && c != '_';
        item && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(ends))
    };
    match name.split_once('.') {
        None => rust_items(text, named),
        Some((of, name)) => {
            let of = [format!("impl {of} {{"), format!(" for {of} {{")];
            let implements = |line: &str| {
                line.starts_with("impl") && of.iter().any(|of| line.ends_with(of.as_str()))
            };
            let blocks = rust_items(text, implements);
            blocks.iter().flat_map(|block| rust(block, name)).collect()
        }
    }
}

/// Returns the items of a Rust source text whose first line satisfies `starts`.
fn rust_items(text: &str, starts: impl Fn(&str) -> bool) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let found = (0..lines.len()).filter(|at| starts(lines[*at]));
    let cut = found.map(|at| {
        let margin = margin(lines[at]);
        let ends = |line: &str| self::margin(line) == margin && line.ends_with(['}', ';']);
        let rest = lines[at..].iter().position(|line| ends(line));
        let end = rest.map_or(lines.len(), |rest| at + rest + 1);
        let above = |line: &&&str| {
            let line = line.trim_start();
            line.starts_with("///") || line.starts_with("#[")
        };
        let start = at - lines[..at].iter().rev().take_while(above).count();
        without_margin(&lines[start..end], margin)
    });
    cut.collect()
}

/// Returns the number of leading spaces of a line.
fn margin(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Joins lines without their indentation and without empty lines at the end.
fn without_margin(lines: &[&str], margin: usize) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line.get(margin..).unwrap_or_default());
        text.push('\n');
    }
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
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

    fn cut(text: &str) -> Result<String, String> {
        programs().cut(&FunctionSource::parse(text)?)
    }

    #[test]
    fn python_function_is_extracted_with_its_decorators() {
        let show = &PYTHON[10..PYTHON.find("\n\nLATER").expect("there")];
        assert_eq!(cut("flask:show").as_deref(), Ok(show));
        assert_eq!(cut("flask:app::show").as_deref(), Ok(show));
        let all = "def show_all(self):\n    return [\n        1,\n    ]\n";
        assert_eq!(cut("flask:show_all").as_deref(), Ok(all));
        let db = "@property\ndef db(self):\n    return 2\n";
        assert_eq!(cut("flask:db").as_deref(), Ok(db));
        assert_eq!(cut("flask:Store.db").as_deref(), Ok(db));
        let both = cut("flask:app::show_all,db");
        assert_eq!(both, Ok(format!("{all}\n\n{db}")));
        assert!(cut("flask:Store").expect("a class").contains("def db"));
    }

    #[test]
    fn rust_function_is_extracted_with_its_doc_comment() {
        let show = cut("axum:user::show").expect("there");
        assert!(show.starts_with("/// Shows one.\n///\n"), "{show}");
        assert!(show.ends_with("        y();\n    }\n}\n"), "{show}");
        let get = "/// A number.\nfn get<'a>(self) -> i64 {\n    0\n}\n";
        assert_eq!(cut("axum:user::get").as_deref(), Ok(get));
        assert_eq!(cut("axum:user::Id.get").as_deref(), Ok(get));
        let both = cut("axum:user::one_line,user::Id.get");
        assert_eq!(both, Ok(format!("fn one_line() {{}}\n\n{get}")));
        let both = cut("axum:user::one_line,get");
        assert_eq!(both, Ok(format!("fn one_line() {{}}\n\n{get}")));
        let restricted = cut("axum:user::restricted");
        assert_eq!(
            restricted.as_deref(),
            Ok("pub(in crate::api) fn restricted() {}\n")
        );
        let id = "/// More.\npub(super) struct Id(pub(super) UserId);\n";
        assert_eq!(cut("axum:user::Id").as_deref(), Ok(id));
        assert_eq!(
            cut("axum:user::one_line").as_deref(),
            Ok("fn one_line() {}\n")
        );
    }

    #[test]
    fn a_file_in_a_folder_is_found_by_the_end_of_its_path() {
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
        let cut = |text: &str| programs.cut(&FunctionSource::parse(text).expect("a source"));
        for one in [
            "axum:link::show",
            "axum:http::link::show",
            "axum:a::user::show",
            "axum:b::user::show",
        ] {
            assert!(cut(one).is_ok(), "{one}");
        }
        let both = cut("axum:user::show").expect_err("there are two");
        assert!(both.contains("there are 2 functions show"), "{both}");
        assert!(cut("axum:ink::show").is_err());
    }

    #[test]
    fn what_is_not_there_is_told() {
        let check = |text: &str, expected: &str| {
            let error = cut(text).expect_err(text);
            assert!(error.contains(expected), "{error}");
        };
        check("flask:sho", "there is no function sho");
        check("flask:other::show", "there is no file other");
        check("axum:user::hidden", "there is no function hidden");
        check("axum:user::Id.show", "there is no function Id.show");
        check("axum:ser::get", "there is no file ser");
        check("flask:db,sho", "there is no function sho");
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
        let error = twice.cut(&show).expect_err("two of them");
        assert!(error.contains("there are 2 functions show"), "{error}");
    }

    /// Extracts every function of the embedded programs and checks that each is complete and alone.
    #[test]
    fn every_function_of_the_embedded_programs_is_extracted() {
        let programs = Programs::of(&[]);
        let mut cuts = 0;
        let mut check = |text: &str, keyword: &str, cut: fn(&str, &str) -> Vec<String>| {
            for line in text.lines() {
                let Some((_, rest)) = line.split_once(keyword) else {
                    continue;
                };
                let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let name: String = rest.chars().take_while(|c| name(*c)).collect();
                for function in cut(text, &name) {
                    cuts += 1;
                    let lines: Vec<&str> = function.lines().collect();
                    let is_head = |line: &&&str| margin(line) == 0 && line.contains(keyword);
                    assert_eq!(lines.iter().filter(is_head).count(), 1, "{function}");
                    let last = lines[lines.len() - 1];
                    let ends = keyword == "def " || last.ends_with(['}', ';']);
                    assert!(ends && lines.len() < 120, "{function}");
                }
            }
        };
        for text in programs.flask.values() {
            check(text, "def ", python);
        }
        for text in programs.axum.values() {
            check(text, "fn ", rust);
        }
        assert!(cuts > 100, "{cuts}");
    }
}
