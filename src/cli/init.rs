//! `routebook init`: writes a content folder that works at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use crate::cli::{fail, new_files, parse_locale};
use crate::config::terminal_locale;
use crate::model::locale::Locale;

/// `routebook init …`
#[derive(Args)]
pub(super) struct InitArgs {
    /// Folder to create, or an empty one.
    folder: PathBuf,
    /// Languages of the lessons, the default first: ko, en or ko,en [default: both, that of the terminal (LANG) first].
    #[arg(long, value_name = "LANGUAGE", value_delimiter = ',', value_parser = parse_locale)]
    locale: Vec<Locale>,
}

/// Writes the files, and prints their names and the next steps.
pub(super) fn run(args: &InitArgs) -> ExitCode {
    match write(args) {
        Ok(written) => {
            let folder = args.folder.display();
            for path in written {
                println!("wrote {}", args.folder.join(path).display());
            }
            println!("\nNext:");
            println!("  routebook serve --content {folder} --watch");
            println!("  routebook check {folder}");
            println!(
                "README.md in the folder says how to write lessons. The whole guide for authors is part of the"
            );
            println!(
                "built-in site: routebook serve, then /en/authoring/first-site or /ko/authoring/first-site."
            );
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

fn write(args: &InitArgs) -> anyhow::Result<Vec<String>> {
    let both = || {
        let first = terminal_locale().unwrap_or_default();
        vec![first, first.other()]
    };
    let chosen = match args.locale.is_empty() {
        true => both(),
        false => args.locale.clone(),
    };
    let mut locales: Vec<Locale> = Vec::new();
    for locale in chosen {
        if !locales.contains(&locale) {
            locales.push(locale);
        }
    }
    refuse_used_folder(&args.folder)?;
    let files = files(&locales);
    new_files::write_all(&args.folder, &files)?;
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// Refuses a folder with files of its own; that of a new repository is empty but for `.git`.
fn refuse_used_folder(folder: &Path) -> anyhow::Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let entries =
        fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.retain(|name| name != ".git");
    names.sort();
    if let Some(first) = names.first() {
        let others = match names.len() {
            1 => String::new(),
            count => format!(" and {} more", count - 1),
        };
        bail!(
            "{} is not empty, it contains {first}{others}: name a new folder",
            folder.display()
        );
    }
    Ok(())
}

/// Returns the files for a site in these languages.
fn files(locales: &[Locale]) -> Vec<(String, String)> {
    let default_locale = locales.first().copied().unwrap_or_default();
    let (site, readme) = match default_locale {
        Locale::Ko => (
            include_str!("templates/site.ko.toml"),
            include_str!("templates/README.ko.md"),
        ),
        Locale::En => (
            include_str!("templates/site.en.toml"),
            include_str!("templates/README.en.md"),
        ),
    };
    let listed: Vec<String> = locales
        .iter()
        .map(|locale| format!("\"{locale}\""))
        .collect();
    let site = in_locales(site, locales)
        .replace("{default_locale}", default_locale.as_str())
        .replace("{locales}", &listed.join(", "));
    let exercise = in_locales(include_str!("templates/exercise.toml"), locales);
    let quiz = in_locales(include_str!("templates/quiz.toml"), locales);
    let mut files = vec![
        // The databases of a server that runs in the folder.
        (".gitignore".to_owned(), "/data\n".to_owned()),
        ("README.md".to_owned(), readme.to_owned()),
        ("site.toml".to_owned(), site),
    ];
    for locale in locales {
        let (lesson, picture) = match locale {
            Locale::Ko => (
                include_str!("templates/lesson.ko.md"),
                include_str!("templates/picture.ko.svg"),
            ),
            Locale::En => (
                include_str!("templates/lesson.en.md"),
                include_str!("templates/picture.en.svg"),
            ),
        };
        let section = format!("{locale}/first-steps");
        files.push((format!("{section}/first-lesson.md"), lesson.to_owned()));
        files.push((format!("{section}/img/request.svg"), picture.to_owned()));
    }
    files.push(("exercises/read-and-change.toml".to_owned(), exercise));
    files.push(("quizzes/first-lesson.toml".to_owned(), quiz));
    files
}

/// Returns a TOML text without the lines that are in another language: those whose key is, or ends with, its name.
fn in_locales(text: &str, locales: &[Locale]) -> String {
    let is_kept = |line: &&str| {
        let key = line.split_once(" = ").map_or("", |(key, _)| key);
        let language = key.rsplit('.').next().unwrap_or_default();
        Locale::parse(language).is_none_or(|locale| locales.contains(&locale))
    };
    let lines = text.split_inclusive('\n').filter(is_kept);
    lines.collect()
}
