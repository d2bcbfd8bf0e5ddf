//! Errors and warnings about the content, and the rules that they violate.

use std::fmt;

use crate::i18n::I18nError;

/// Declares the rules: the sentence that describes each, its name in findings, and its severity.
macro_rules! rules {
    ($($(#[doc = $sentence:literal])+ $rule:ident = $name:literal, $severity:ident;)+) => {
        /// A rule of the content. `routebook check --help` lists all with their sentences.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Rule {
            $($(#[doc = $sentence])+ $rule,)+
        }

        impl Rule {
            /// All rules, in the order of their declaration.
            pub const ALL: &[Rule] = &[$(Rule::$rule),+];

            /// Returns the short name, which findings show in brackets.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Rule::$rule => $name,)+
                }
            }

            /// Returns what a violation means for the site.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self {
                    $(Rule::$rule => Severity::$severity,)+
                }
            }

            /// Returns the sentence that describes the rule.
            #[must_use]
            pub fn sentence(self) -> &'static str {
                match self {
                    $(Rule::$rule => concat!($($sentence),+).trim_start(),)+
                }
            }
        }
    };
}

rules! {
    // Files.
    /// The files of the folder can be read.
    Folder = "folder", Error;
    /// A file has at most 1 MiB.
    FileSize = "file-size", Error;
    /// A file is text in UTF-8.
    Encoding = "encoding", Error;
    /// A text is in Unicode Normalization Form C.
    Nfc = "nfc", Error;
    /// A lesson is the file LANGUAGE/SECTION/NAME.md, an exercise exercises/ID.toml, a quiz quizzes/ID.toml.
    Path = "path", Error;

    // The site.
    /// site.toml has the keys of a site, and lists each language and each section once.
    Site = "site", Error;
    /// A section does not have a name that the site itself uses in its addresses.
    Reserved = "reserved", Error;
    /// A lesson is in a language of the site.
    Locale = "locale", Error;
    /// The folder of a lesson is a section of site.toml.
    Section = "section", Error;
    /// A text of the interface (i18n/) has a known key and known variables, and every language has the same keys.
    Messages = "messages", Error;

    // Lessons.
    /// The front matter of a lesson has known keys with valid values, among them title and description.
    FrontMatter = "front-matter", Error;
    /// An alias is an earlier path of one lesson only, and not the path of a lesson.
    Alias = "alias", Error;
    /// A prerequisite of a lesson is listed once, and does not have the lesson among its own prerequisites.
    Prerequisite = "prerequisite", Error;
    /// A lesson, the texts of exercises and quizzes, and the titles of the site exist in every language of the site.
    Translation = "translation", Warning;
    /// A translation that names its source (l10n) was made from the present text of the source.
    OutdatedTranslation = "outdated-translation", Warning;
    /// The headings of a lesson have the same levels and ids in every language.
    HeadingIds = "heading-ids", Warning;

    // Markdown.
    /// A text has no raw HTML.
    RawHtml = "raw-html", Error;
    /// The headings of a lesson begin at the second level, below the title of the page.
    Heading = "heading", Error;
    /// A heading has an ASCII id, and no other attribute.
    HeadingId = "heading-id", Error;
    /// An id occurs once on a page, and is not one that the site itself uses.
    Id = "id", Error;
    /// A link, prev, next or prerequisite leads to a lesson that exists, a link also to another site with its scheme.
    Link = "link", Error;
    /// The fragment of a link is the id of a heading or of a request of the lesson that it leads to.
    Anchor = "anchor", Error;
    /// A reference to a link is defined.
    Reference = "reference", Error;
    /// A footnote is defined once and referenced.
    Footnote = "footnote", Error;
    /// The delimiters ** and ~~ are not shown as characters.
    Emphasis = "emphasis", Error;
    /// An alert is a quotation that begins with [!NOTE], [!TIP], [!IMPORTANT], [!WARNING] or [!CAUTION] in a line of its own.
    Alert = "alert", Error;
    /// The glossary (glossary.toml) has valid terms with definitions, and a link term:ID, which is not in a heading, leads to
    /// one of them.
    Glossary = "glossary", Error;

    // Pictures.
    /// A picture has a description.
    PictureAlt = "picture-alt", Error;
    /// A picture of a lesson is a file in the folder img of its section, in one language at least; so is the logo.
    PictureMissing = "picture-missing", Error;
    /// A picture is in the folder img of a section, or of the content folder for the logo.
    PictureFolder = "picture-folder", Error;
    /// A picture is a valid file in one of the formats that are shown, with a width and a height.
    PictureFormat = "picture-format", Error;
    /// A picture has at most 300 kB, and one of pixels at most 8192 a side.
    PictureSize = "picture-size", Error;
    /// A picture with a caption is a paragraph of its own.
    PictureCaption = "picture-caption", Error;
    /// A picture is shown by a lesson, or is the logo.
    UnusedPicture = "picture-unused", Warning;

    // Fences.
    /// A code block names a language that the site can highlight, in lower case.
    Language = "language", Error;
    /// A fence is closed, has only words that it understands, and is where it can be shown.
    Fence = "fence", Error;
    /// The function that a fence shows (source=) exists once in the program.
    Source = "source", Error;
    /// A diagram has a known kind and the lines of that kind.
    Diagram = "diagram", Error;

    // Requests.
    /// A request block is one valid request with an id, whose variables are defined; a sample response is valid.
    Http = "http", Error;
    /// A request block has an expectation (@expect) of its first send.
    NoExpect = "no-expect", Error;
    /// An expectation (@expect) holds when the request is sent.
    Expect = "expect", Error;
    /// A sample response agrees with the response to the request before it.
    Sample = "sample", Error;
    /// A request can be sent, after those before it on its page.
    Request = "request", Error;
    /// Of the requests of a lesson, the response to one at least is an error (4xx or 5xx).
    ErrorResponse = "error-response", Error;

    // Starting data.
    /// The starting data (data) of a lesson are users or a file data/NAME.json: a list of valid users with different ids and
    /// addresses.
    Data = "data", Error;

    // Exercises and quizzes.
    /// The file of an exercise has known keys with valid values, and its texts in every language of the site.
    Exercise = "exercise", Error;
    /// The file of a quiz has known keys with valid values, and its texts in every language of the site.
    Quiz = "quiz", Error;
    /// The exercise or quiz of a fence exists.
    UnknownAssessment = "unknown-assessment", Error;
    /// An exercise or quiz is in one lesson only, because its page leads back to it.
    RepeatedAssessment = "repeated-assessment", Error;
    /// An exercise or quiz is in a lesson, in every language.
    UnusedAssessment = "unused-assessment", Warning;
    /// The solution of an exercise passes it.
    Solution = "solution", Error;
    /// The starter of an exercise can be sent and does not pass it.
    Starter = "starter", Error;
}

/// What a finding means for the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The content is not served.
    Error,
    /// The content is served in spite of it.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

/// An error or a warning about the content, with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct ContentFinding {
    /// The path inside the content folder.
    pub file: String,
    /// The line from 1; 1 when the finding concerns the whole file.
    pub line: usize,
    /// The violated rule.
    pub rule: Rule,
    /// A description of the error and of its correction.
    pub message: String,
}

impl ContentFinding {
    /// Returns whether the content can be served in spite of the finding.
    #[must_use]
    pub fn is_warning(&self) -> bool {
        self.rule.severity() == Severity::Warning
    }
}

/// Sorts findings by file and line, and removes those that are reported twice. Makes each one line without control
/// characters, which would act on a terminal.
pub fn sort_findings(findings: &mut Vec<ContentFinding>) {
    for finding in findings.iter_mut() {
        if finding.message.contains(char::is_control) {
            let lines = finding.message.split(char::is_control);
            let words: Vec<&str> = lines
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .collect();
            finding.message = words.join(" ");
        }
        if finding.file.contains(char::is_control) {
            finding.file = finding.file.replace(char::is_control, "?");
        }
    }
    findings.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    findings.dedup();
}

impl fmt::Display for ContentFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ContentFinding {
            file,
            line,
            rule,
            message,
        } = self;
        let (severity, rule) = (rule.severity(), rule.name());
        write!(f, "{file}:{line}: {severity}[{rule}]: {message}")
    }
}

impl From<I18nError> for ContentFinding {
    fn from(error: I18nError) -> ContentFinding {
        ContentFinding {
            file: error.file,
            line: error.line,
            rule: Rule::Messages,
            message: error.message,
        }
    }
}
