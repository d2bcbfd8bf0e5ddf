//! `routebook new`: writes the beginning of a lesson.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use crate::cli::{fail, new_files};
use crate::content::{RESERVED_SLUGS, SiteConfig, SourceFile, load, site_config};
use crate::model::locale::Locale;

/// `routebook new …`
#[derive(Args)]
pub(super) struct NewArgs {
    #[command(subcommand)]
    item: NewItem,
}

#[derive(Subcommand)]
enum NewItem {
    /// Write a lesson in each language of the site, and add its section to site.toml if it is new.
    Lesson(LessonArgs),
}

#[derive(Args)]
struct LessonArgs {
    /// Section and name, which are its address: a-z, 0-9 and hyphens.
    #[arg(value_name = "SECTION/NAME", value_parser = LessonPath::parse)]
    path: LessonPath,
    /// Content folder.
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    content: PathBuf,
    /// Title of the lesson [default: its name].
    #[arg(long)]
    title: Option<String>,
}

/// The path of a lesson below the folder of a language.
#[derive(Clone)]
struct LessonPath {
    section: String,
    name: String,
}

impl LessonPath {
    fn parse(text: &str) -> Result<LessonPath, String> {
        let text = text.strip_suffix(".md").unwrap_or(text);
        let is_slug = |slug: &str| {
            let is_valid = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !slug.is_empty() && slug.chars().all(is_valid)
        };
        match text.split('/').collect::<Vec<_>>()[..] {
            [section, name] if is_slug(section) && is_slug(name) => {
                if RESERVED_SLUGS.contains(&section) {
                    return Err(format!(
                        "the site itself uses {section:?}: choose another section"
                    ));
                }
                Ok(LessonPath {
                    section: section.to_owned(),
                    name: name.to_owned(),
                })
            }
            _ => Err("write SECTION/NAME with a-z, 0-9 and hyphens: our-api/first-call".to_owned()),
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &NewArgs) -> ExitCode {
    let NewItem::Lesson(args) = &args.item;
    match write_lesson(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn write_lesson(args: &LessonArgs) -> anyhow::Result<()> {
    let LessonArgs { path, content, .. } = args;
    let (section, name) = (&path.section, &path.name);
    let folder = content.display();
    let files = load::folder(content)?;
    if !files.iter().any(|file| file.path == "site.toml") {
        bail!("{folder} has no site.toml: create a content folder with routebook init FOLDER");
    }
    let site = site_config(&files).map_err(|finding| anyhow::anyhow!("{finding}"))?;
    if site.is_hidden(section) {
        bail!("site.toml hides the section {section}: remove hidden = true there");
    }
    let site_toml = with_section(&files, &site, section)?;
    let lessons = lessons(args, &site)?;
    new_files::write_all(content, &lessons)?;
    if let Some(text) = &site_toml
        && let Err(error) = replace(&content.join("site.toml"), text)
    {
        new_files::remove_all(content, &lessons);
        return Err(error);
    }
    for (path, _) in &lessons {
        println!("wrote {}", content.join(path).display());
    }
    if site_toml.is_some() {
        println!(
            "added the section {section} to {}",
            content.join("site.toml").display()
        );
        println!("Its titles there are made from its name: write your own in each language.");
    }
    println!("\nNext: routebook serve --content {folder} --watch");
    println!("It is at /{}/{section}/{name}.", site.default_locale);
    Ok(())
}

/// Returns the lesson in each language of the site.
fn lessons(args: &LessonArgs, site: &SiteConfig) -> anyhow::Result<Vec<(String, String)>> {
    let LessonPath { section, name } = &args.path;
    let title = args.title.clone().unwrap_or_else(|| words(name));
    let title = title.trim();
    if title.is_empty() || title.contains(char::is_control) {
        bail!("--title is empty or contains a control character: write a line of text");
    }
    // A JSON string is a string of YAML too.
    let title = serde_json::to_string(title).context("the title cannot be written")?;
    let lesson = |locale: &Locale| {
        let template = match locale {
            Locale::Ko => include_str!("templates/new_lesson.ko.md"),
            Locale::En => include_str!("templates/new_lesson.en.md"),
        };
        (
            format!("{locale}/{section}/{name}.md"),
            template.replace("{title}", &title),
        )
    };
    Ok(site.locales.iter().map(lesson).collect())
}

/// Returns the text of `site.toml` with a section at its end, or `None` when the site has it. The rest of the text stays as
/// the author wrote it.
fn with_section(
    files: &[SourceFile],
    site: &SiteConfig,
    section: &str,
) -> anyhow::Result<Option<String>> {
    if site.sections.iter().any(|one| one.slug == section) {
        return Ok(None);
    }
    let mut files = files.to_vec();
    let Some(file) = files.iter_mut().find(|file| file.path == "site.toml") else {
        return Ok(None);
    };
    let mut text = String::from_utf8(std::mem::take(&mut file.bytes)).context("site.toml")?;
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(&format!("\n[[sections]]\nslug = \"{section}\"\n"));
    for locale in &site.locales {
        text.push_str(&format!("title.{locale} = \"{}\"\n", words(section)));
    }
    file.bytes = text.clone().into_bytes();
    // For example when the sections are written as one value.
    if let Err(finding) = site_config(&files) {
        bail!("the section {section} cannot be added to site.toml, add it there first: {finding}");
    }
    Ok(Some(text))
}

/// Returns a slug as words: `first-call` becomes `First call`.
fn words(slug: &str) -> String {
    let text = slug.replace('-', " ");
    let text = text.trim();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => slug.to_owned(),
    }
}

/// Replaces the text of a file at once, so that no reader sees a part of it.
fn replace(path: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    // A link stays a link.
    let path = fs::canonicalize(path).with_context(cannot)?;
    let folder = path.parent().with_context(cannot)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
    file.write_all(text.as_bytes()).with_context(cannot)?;
    let permissions = fs::metadata(&path).with_context(cannot)?.permissions();
    fs::set_permissions(file.path(), permissions).with_context(cannot)?;
    file.persist(&path).with_context(cannot)?;
    Ok(())
}
