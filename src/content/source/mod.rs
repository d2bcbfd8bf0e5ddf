//! Functions that lessons show, extracted by name from the programs that run: `source=flask:get_user` from
//! the Flask version, `source=axum:user::show` from the API itself.
//!
//! A file is named by an end of its path that no other file has. Several names are separated by commas;
//! `FILE::` stands before the first name in a file, and a method is `Type.method`.

mod extract;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::content::load::{self, SourceFile};

/// The functions of a program that a fence shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FunctionSource {
    program: Program,
    functions: Vec<FunctionName>,
}

/// The name of a function, with its file if it is given.
#[derive(Clone, Debug, PartialEq)]
struct FunctionName {
    /// The end of the file's path, without its ending and with `::` between folders; `None` for any
    /// file.
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
        let invalid = || {
            format!("source={text} is neither flask:NAME nor axum:FILE::NAME: write one of them")
        };
        let (program, names) = text.split_once(':').ok_or_else(invalid)?;
        let program = match program {
            "flask" => Program::Flask,
            "axum" => Program::Axum,
            _ => return Err(invalid()),
        };
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = |name: &str| !name.is_empty() && name.chars().all(is_word);
        let mut functions: Vec<FunctionName> = Vec::new();
        for part in names.split(',') {
            let (file, name) = match part.rsplit_once("::") {
                Some((file, name)) => (Some(file.to_owned()), name),
                // A name without a file is in the file of the preceding name.
                None => (
                    functions.last().and_then(|previous| previous.file.clone()),
                    part,
                ),
            };
            if !name.split('.').all(is_name) || (program == Program::Axum && file.is_none()) {
                return Err(invalid());
            }
            let name = name.to_owned();
            functions.push(FunctionName { file, name });
        }
        Ok(FunctionSource { program, functions })
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
            axum: texts(&load::api_source(), "", ".rs"),
        }
    }

    /// Returns the text of the functions, separated by empty lines.
    ///
    /// # Errors
    /// Returns a message when a function does not exist or is ambiguous.
    pub(super) fn extract(&self, source: &FunctionSource) -> Result<String, String> {
        let names = source.functions.iter();
        let functions = names.map(|name| self.extract_one(source.program, name));
        let functions: Result<Vec<_>, _> = functions.collect();
        let separator = match source.program {
            Program::Flask => "\n\n",
            Program::Axum => "\n",
        };
        Ok(functions?.join(separator))
    }

    fn extract_one(&self, program: Program, function: &FunctionName) -> Result<String, String> {
        let FunctionName { file, name } = function;
        let (files, functions): (_, fn(&str, &str) -> Vec<String>) = match program {
            Program::Flask => (&self.flask, extract::python_functions),
            Program::Axum => (&self.axum, extract::rust_functions),
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
            return Err(format!(
                "the program has no file {file}, from which to show {name}: correct its name"
            ));
        }
        let mut found: Vec<_> = texts
            .iter()
            .flat_map(|text| functions(text, name))
            .collect();
        match found.len() {
            1 => Ok(found.remove(0)),
            0 => Err(format!(
                "the program has no function {name}: correct its name"
            )),
            count => Err(format!(
                "the program has {count} functions {name}: choose one with FILE::{name}"
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
