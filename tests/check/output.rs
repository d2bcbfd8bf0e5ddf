//! Tests of the output and the exit status.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use routebook::content::{Rule, Severity};
use serde_json::Value;

use crate::folder::{CheckOutput, ContentFolder, here, run};

/// The names of the fixtures.
fn fixtures() -> BTreeSet<String> {
    let entries = fs::read_dir(here().join("fixtures")).expect("the fixtures");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let folders = paths.filter(|path| path.is_dir());
    let name = |path: &Path| {
        path.file_name()
            .and_then(|name| name.to_str())
            .map(str::to_owned)
    };
    folders.filter_map(|path| name(&path)).collect()
}

/// Returns the rule whose name is that of a fixture, without the name of the case.
fn rule_of(fixture: &str) -> Rule {
    let is_named = |rule: &&Rule| {
        let rest = fixture.strip_prefix(rule.name());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let mut rules: Vec<&Rule> = Rule::ALL.iter().filter(is_named).collect();
    rules.sort_by_key(|rule| rule.name().len());
    **rules
        .last()
        .unwrap_or_else(|| panic!("{fixture} is not a rule"))
}

/// Returns the content folder of a fixture.
fn content(fixture: &str) -> ContentFolder {
    let folder = ContentFolder::base();
    folder.lay_over(&here().join("fixtures").join(fixture));
    if rule_of(fixture) == Rule::PictureSize {
        // Written here, because a picture that is too large would be as large among the fixtures.
        let shape = "<rect width=\"20\" height=\"10\"/>".repeat(11_000);
        let start = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"20\" height=\"10\">";
        folder.write("en/start/img/a.svg", &format!("{start}{shape}</svg>"));
    }
    if rule_of(fixture) == Rule::FileSize {
        let start = "---\ntitle: A\ndescription: B\n---\n\n```http\n";
        folder.write(
            "en/start/third.md",
            &[start, &"Text.\n".repeat(180_000)].concat(),
        );
        folder.write("quizzes/reading.toml", &"# A comment.\n".repeat(90_000));
    }
    folder
}

#[test]
fn base_has_no_finding() {
    let CheckOutput {
        status,
        stdout,
        stderr,
    } = ContentFolder::base().check(&[]);
    assert_eq!(stdout, "1 lesson, 2 requests, 1 exercise: no findings\n");
    assert_eq!((status, stderr.as_str()), (Some(0), ""));
}

#[test]
fn every_rule_has_a_fixture_in_which_it_is_violated() {
    let covered: BTreeSet<&str> = fixtures().iter().map(|name| rule_of(name).name()).collect();
    let mut rules: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    // A finding only while a folder is watched; the check itself fails then.
    rules.remove(Rule::Folder.name());
    assert_eq!(covered, rules);
    for fixture in fixtures() {
        let expected = fs::read_to_string(here().join(format!("fixtures/{fixture}.txt")));
        let expected = expected.unwrap_or_else(|error| panic!("{fixture}.txt: {error}"));
        let rule = format!("[{}]: ", rule_of(&fixture).name());
        assert!(
            expected.contains(&rule),
            "{fixture} does not violate its rule:\n{expected}"
        );
    }
}

#[test]
fn every_fixture_has_exactly_the_expected_output() {
    let mut differing = Vec::new();
    for fixture in fixtures() {
        let CheckOutput { status, stdout, .. } = content(&fixture).check(&[]);
        let has_error = stdout.contains(": error[");
        assert_eq!(status, Some(i32::from(has_error)), "{fixture}:\n{stdout}");
        let path = here().join(format!("fixtures/{fixture}.txt"));
        if is_update() {
            fs::write(path, stdout).expect("the expected output");
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if stdout != expected {
            differing.push(format!(
                "--- {fixture}: expected\n{expected}--- printed\n{stdout}"
            ));
        }
    }
    assert!(differing.is_empty(), "\n{}", differing.join("\n"));
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn is_update() -> bool {
    std::env::var_os("ROUTEBOOK_UPDATE").is_some()
}

#[test]
fn warning_passes_unless_the_check_is_strict() {
    let warnings = Rule::ALL
        .iter()
        .filter(|rule| rule.severity() == Severity::Warning);
    for rule in warnings {
        let folder = content(rule.name());
        assert_eq!(folder.check(&[]).status, Some(0), "{}", rule.name());
        assert_eq!(
            folder.check(&["--strict"]).status,
            Some(1),
            "{}",
            rule.name()
        );
    }
    assert_eq!(ContentFolder::base().check(&["--strict"]).status, Some(0));
}

/// An author sees all findings in one run: an error in one file hides none of another.
#[test]
fn requests_are_sent_although_other_files_have_errors() {
    let folder = ContentFolder::base();
    for fixture in ["solution", "messages", "site"] {
        folder.lay_over(&here().join("fixtures").join(fixture));
    }
    let fixtures = here().join("fixtures");
    let lesson = |rule: &str| {
        let path = fixtures.join(rule).join("en/start/second.md");
        fs::read_to_string(path).expect("a lesson")
    };
    for rule in ["expect", "link", "http"] {
        folder.write(&format!("en/start/{rule}.md"), &lesson(rule));
    }
    folder.write("en/start/no-front-matter.md", "Text.\n");
    let printed = folder.check(&[]).stdout;
    for found in [
        "en/start/expect.md:8: error[expect]: list: expected status == 201, but it is 200",
        "en/start/http.md:6: error[http]",
        "en/start/link.md:6: error[link]",
        "en/start/no-front-matter.md:1: error[front-matter]",
        "exercises/read-one.toml:3: error[solution]",
        "i18n/en.ftl:2: error[messages]",
        "site.toml:3: error[site]",
    ] {
        assert!(printed.contains(found), "{found} is missing in\n{printed}");
    }
}

/// What refers to a lesson with an error is no further finding: its file has to be corrected first.
#[test]
fn lesson_that_cannot_be_parsed_is_one_finding() {
    let folder = content("heading-ids");
    let lesson = "---\ntitle: A\ndescription: B\n---\n\n[First](first.md#requests)\n";
    for file in ["second", "third"] {
        folder.write(&format!("en/start/{file}.md"), lesson);
        folder.write(&format!("ko/start/{file}.md"), lesson);
    }
    for file in ["en/start/first.md", "ko/start/first.md"] {
        folder.write(file, "Text.\n");
    }
    let printed = folder.check(&[]).stdout;
    assert!(printed.ends_with("\n2 errors in 2 files\n"), "{printed}");
}

#[test]
fn requests_of_a_draft_are_sent() {
    let folder = content("expect");
    let path = here().join("fixtures/expect/en/start/second.md");
    let lesson = fs::read_to_string(path).expect("a lesson");
    let draft = lesson.replacen("---\n", "---\ndraft: true\n", 1);
    folder.write("en/start/second.md", &draft);
    let printed = folder.check(&[]).stdout;
    assert!(printed.contains("second.md:9: error[expect]"), "{printed}");
}

#[test]
fn site_file_with_a_syntax_error_hides_no_finding_of_a_lesson() {
    let folder = content("expect");
    folder.write("site.toml", "title = \n");
    let printed = folder.check(&[]).stdout;
    assert!(printed.contains("site.toml:1: error[site]"), "{printed}");
    assert!(printed.contains("second.md:8: error[expect]"), "{printed}");
    assert!(!printed.contains("[section]"), "{printed}");
}

#[test]
fn json_has_the_findings_of_the_lines_and_the_same_status() {
    for fixture in ["expect", "front-matter", "unused-assessment"] {
        let folder = content(fixture);
        let (lines, json) = (folder.check(&[]), folder.check(&["--json"]));
        assert_eq!(json.status, lines.status, "{fixture}");
        let document: Value = serde_json::from_str(&json.stdout).expect(fixture);
        let findings = document["findings"].as_array().expect("a list");
        let line = |finding: &Value| {
            let members = ["file", "severity", "rule", "message"];
            let texts = members.map(|name| finding[name].as_str().expect("a text"));
            let [file, severity, rule, message] = texts;
            format!("{file}:{}: {severity}[{rule}]: {message}", finding["line"])
        };
        let printed: Vec<&str> = lines.stdout.lines().collect();
        let (_, printed) = printed.split_last().expect("a summary");
        assert_eq!(findings.iter().map(line).collect::<Vec<_>>(), printed);
        let count = |severity: &str| {
            let is_same = |finding: &&Value| finding["severity"] == severity;
            findings.iter().filter(is_same).count()
        };
        assert_eq!(document["errors"], count("error"), "{fixture}");
        assert_eq!(document["warnings"], count("warning"), "{fixture}");
    }
}

#[test]
fn json_without_findings_has_the_numbers_of_what_was_checked() {
    let json = ContentFolder::base().check(&["--json"]);
    let document: Value = serde_json::from_str(&json.stdout).expect("JSON");
    let expected = serde_json::json!({
        "findings": [], "errors": 0, "warnings": 0, "lessons": 1, "requests": 2, "exercises": 1,
    });
    assert_eq!(document, expected);
    assert_eq!(json.status, Some(0));
}

#[test]
fn folder_that_cannot_be_read_is_named_on_the_standard_error() {
    for folder in [here().join("no-such-folder"), here().join("main.rs")] {
        let CheckOutput {
            status,
            stdout,
            stderr,
        } = run(&["--json"], &folder);
        assert_eq!((status, stdout.as_str()), (Some(1), ""));
        assert!(stderr.contains(&folder.display().to_string()), "{stderr}");
    }
}

#[test]
fn socket_in_the_folder_is_refused_by_its_name() {
    let folder = ContentFolder::base();
    let _socket = folder.bind("en/start/socket.md");
    let CheckOutput { status, stderr, .. } = folder.check(&[]);
    assert_eq!(status, Some(1));
    let expected = "en/start/socket.md: is neither a file nor a folder";
    assert!(stderr.contains(expected), "{stderr}");
}

/// What the author wrote is shown in messages, and acts on no terminal.
#[test]
fn finding_is_one_line_without_control_characters() {
    let folder = ContentFolder::base();
    folder.write("exercises/\u{1b}[31m\n.toml", "id = \"\n");
    folder.write("en/start/second.md", "---\n\"a\\e[31m\\nb\": 1\n---\n");
    folder.write(
        "en/start/third.md",
        "---\ntitle: A\ndescription: B\n---\n\n```\u{1b}[31m\n```\n",
    );
    let CheckOutput { stdout, .. } = folder.check(&[]);
    assert_eq!(stdout.lines().count(), 4, "{stdout}");
    let text = stdout.replace('\n', "");
    assert!(!text.contains(char::is_control), "{stdout:?}");
}

/// A request that has an error, and those that need its response, are no further findings.
#[test]
fn request_that_lacks_a_value_is_one_finding() {
    let lesson = |request: &str| {
        format!(
            "---\ntitle: A\ndescription: B\n---\n```http\n# @id a\n# @name a\n# @expect status == 200\n{request}\n```\n\
             ```http\n# @id b\n# @expect status == 404\nGET /api/users/{{{{a.response.body.$.id}}}}\n```\n"
        )
    };
    let line = |at: i32| format!("@a{at} = {}\n", format!("{{{{a{}}}}}", at - 1).repeat(10));
    let variables: String = (1..12).map(line).collect();
    let too_large = format!("@a0 = 0123456789\n{variables}GET /api/users?q={{{{a11}}}}");
    for (request, rule) in [
        (too_large.as_str(), "[http]"),
        ("GET /api/users/{{unknown}}", "[http]"),
        ("GET /api/users/{{b.response.body.$.id}}", "[http]"),
        ("GET no-path", "[http]"),
        ("GET /api/sandbox/events", "[request]"),
    ] {
        let folder = ContentFolder::base();
        folder.write("en/start/second.md", &lesson(request));
        let printed = folder.check(&[]).stdout;
        assert!(printed.contains(rule), "{request}: {printed}");
        assert!(
            printed.ends_with("\n1 error in 1 file\n"),
            "{request}: {printed}"
        );
    }
}

#[test]
fn help_lists_every_rule_and_the_members_of_the_document() {
    let help = run(&["--help"], &here()).stdout;
    for rule in Rule::ALL {
        let entry = format!(
            "  {} ({})\n      {}\n",
            rule.name(),
            rule.severity(),
            rule.sentence()
        );
        assert!(help.contains(&entry), "{entry} is missing in\n{help}");
        assert!(rule.sentence().ends_with('.'), "{entry}");
    }
    for member in [
        "findings",
        "severity",
        "errors",
        "warnings",
        "lessons",
        "requests",
        "exercises",
    ] {
        assert!(help.contains(&format!("\"{member}\"")), "{member}");
    }
}
