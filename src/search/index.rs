//! The index: the tokens of all passages in an FTS5 table in memory.
//!
//! It is built from the library when it is first used; the server does that right after its start. SQLite ranks the matches
//! with bm25, with the weights of [`SCHEMA`]: a match in the title of the page counts more than one in a heading, and that
//! more than one in the text.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::content::Library;
use crate::database::{Database, DatabaseError, Statement};
use crate::model::locale::Locale;
use crate::search::indexed_passage::{IndexedPassage, passages};
use crate::search::query::SearchQuery;
use crate::search::snippet::{TextPart, mark_all, snippet};
use crate::search::token::joined_tokens;

/// The table. The tokenizer splits at ASCII characters that are no letters or digits, which are in no token, so SQLite
/// keeps the tokens as they are. It stores no text (`content=''`).
const SCHEMA: &str = "\
    CREATE VIRTUAL TABLE passage USING fts5(title, heading, text, content='', tokenize='ascii'); \
    INSERT INTO passage(passage, rank) VALUES('rank', 'bm25(8.0, 4.0, 1.0)');";

/// Each locale has consecutive ids.
const INSERT: &str = "INSERT INTO passage (rowid, title, heading, text) VALUES ($1, $2, $3, $4)";

const FIND: &str = "SELECT rowid AS id FROM passage WHERE passage MATCH $1 AND rowid BETWEEN $2 AND $3 \
                    ORDER BY rank, rowid LIMIT $4";

const COUNT: &str =
    "SELECT count(*) AS found FROM passage WHERE passage MATCH $1 AND rowid BETWEEN $2 AND $3";

/// The search of the lessons; cheap to clone.
#[derive(Clone)]
pub struct SearchIndex {
    source: Arc<dyn Fn() -> Vec<IndexedPassage> + Send + Sync>,
    synonyms: Arc<Synonyms>,
    built: Arc<OnceCell<BuiltIndex>>,
}

/// The words of the lessons by the words that readers may search for instead, in lower case.
type Synonyms = HashMap<(Locale, String), String>;

struct BuiltIndex {
    database: Database,
    /// The passages; the id of a row is the index.
    passages: Vec<Arc<IndexedPassage>>,
}

/// What a query finds.
#[derive(Clone, Debug, Default)]
pub struct SearchResults {
    /// The best matches, the best first.
    pub hits: Vec<SearchHit>,
    /// The number of all matches in the locale.
    pub total: usize,
    /// The number of matches in each other locale that has some.
    pub elsewhere: Vec<(Locale, usize)>,
}

/// A passage that a query finds.
#[derive(Clone, Debug)]
pub struct SearchHit {
    /// The passage.
    pub passage: Arc<IndexedPassage>,
    /// Its heading with the matches.
    pub heading: Vec<TextPart>,
    /// The part of its text with the matches.
    pub snippet: Vec<TextPart>,
}

impl SearchIndex {
    /// Creates the index of the lessons of a library that everybody may read.
    pub fn of_public_lessons(library: Arc<Library>) -> SearchIndex {
        let synonyms = synonyms(&library);
        SearchIndex::of_passages(move || passages(&library, |page| !page.is_for_members()))
            .with_synonyms(synonyms)
    }

    /// Creates the index of all lessons of a library, for members.
    pub fn of_all_lessons(library: Arc<Library>) -> SearchIndex {
        let synonyms = synonyms(&library);
        SearchIndex::of_passages(move || passages(&library, |_| true)).with_synonyms(synonyms)
    }

    /// Creates an index of passages, which are sorted by locale.
    pub fn of_passages(
        source: impl Fn() -> Vec<IndexedPassage> + Send + Sync + 'static,
    ) -> SearchIndex {
        SearchIndex {
            source: Arc::new(source),
            synonyms: Arc::default(),
            built: Arc::new(OnceCell::new()),
        }
    }

    fn with_synonyms(self, synonyms: Synonyms) -> SearchIndex {
        SearchIndex {
            synonyms: Arc::new(synonyms),
            ..self
        }
    }

    /// Builds the index unless it is built.
    ///
    /// # Errors
    /// [`DatabaseError`] when SQLite cannot create or fill the table.
    pub async fn build(&self) -> Result<(), DatabaseError> {
        self.built().await.map(drop)
    }

    /// Returns the best matches of a query in a locale, at most `limit`: first those that contain each word as written. The
    /// number of matches is counted in all locales.
    ///
    /// # Errors
    /// [`DatabaseError`] when the index cannot be built or read.
    pub async fn search(
        &self,
        locale: Locale,
        query: &SearchQuery,
        limit: usize,
    ) -> Result<SearchResults, DatabaseError> {
        if query.is_empty() {
            return Ok(SearchResults::default());
        }
        let built = self.built().await?;
        let synonyms = |word: &str| self.synonyms.get(&(locale, word.to_owned()));
        let query = &query.with_synonyms(|word| synonyms(word).map(String::as_str));
        let (exact, wide) = (query.exact_expression(), query.wide_expression());
        let mut ids = built.find(&exact, locale, limit).await?;
        if ids.len() < limit {
            let others = format!("({wide}) NOT ({exact})");
            ids.extend(built.find(&others, locale, limit - ids.len()).await?);
        }
        let mut results = SearchResults {
            hits: built.hits(&ids, query),
            ..SearchResults::default()
        };
        for counted in Locale::ALL {
            match built.count(&wide, counted).await? {
                count if counted == locale => results.total = count,
                0 => {}
                count => results.elsewhere.push((counted, count)),
            }
        }
        Ok(results)
    }

    async fn built(&self) -> Result<&BuiltIndex, DatabaseError> {
        let build = || BuiltIndex::new((self.source)());
        self.built.get_or_try_init(build).await
    }
}

impl BuiltIndex {
    async fn new(passages: Vec<IndexedPassage>) -> Result<BuiltIndex, DatabaseError> {
        let database = Database::open_in_memory(SCHEMA).await?;
        let passages: Vec<_> = passages.into_iter().map(Arc::new).collect();
        insert_all(&database, passages.clone()).await?;
        Ok(BuiltIndex { database, passages })
    }

    async fn find(
        &self,
        expression: &str,
        locale: Locale,
        limit: usize,
    ) -> Result<Vec<usize>, DatabaseError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let statement = self.statement(FIND, expression, locale).bind(limit);
        let rows = self.database.all(statement).await?;
        let ids = rows.iter().map(|row| Ok(to_index(row.integer("id")?)));
        ids.collect()
    }

    async fn count(&self, expression: &str, locale: Locale) -> Result<usize, DatabaseError> {
        let statement = self.statement(COUNT, expression, locale);
        match self.database.optional(statement).await? {
            Some(row) => Ok(to_index(row.integer("found")?)),
            None => Ok(0),
        }
    }

    fn statement(&self, text: &'static str, expression: &str, locale: Locale) -> Statement {
        let Range { start, end } = self.ids(locale);
        let id = |index: usize| i64::try_from(index).unwrap_or(i64::MAX);
        Statement::new(text)
            .bind(expression)
            .bind(id(start))
            .bind(id(end) - 1)
    }

    /// Returns the ids of the passages of a locale.
    fn ids(&self, locale: Locale) -> Range<usize> {
        let is_before = |passage: &Arc<IndexedPassage>| passage.locale != locale;
        let start = self.passages.iter().take_while(|p| is_before(p)).count();
        let own = self.passages[start..].iter();
        start..start + own.take_while(|p| !is_before(p)).count()
    }

    fn hits(&self, ids: &[usize], query: &SearchQuery) -> Vec<SearchHit> {
        let phrases = query.phrases();
        let hit = |passage: &Arc<IndexedPassage>| SearchHit {
            heading: mark_all(&passage.heading, &phrases),
            snippet: snippet(&passage.text, &phrases),
            passage: passage.clone(),
        };
        let passages = ids.iter().filter_map(|id| self.passages.get(*id));
        passages.map(hit).collect()
    }
}

async fn insert_all(
    database: &Database,
    passages: Vec<Arc<IndexedPassage>>,
) -> Result<(), DatabaseError> {
    database
        .transaction(move |transaction| {
            Box::pin(async move {
                for (id, passage) in (0_i64..).zip(&passages) {
                    let insert = Statement::new(INSERT)
                        .bind(id)
                        .bind(joined_tokens(&passage.title))
                        .bind(joined_tokens(&passage.heading))
                        .bind(joined_tokens(&passage.text));
                    transaction.write(insert).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Returns the other words for the terms of the glossary.
fn synonyms(library: &Library) -> Synonyms {
    let of = |locale: Locale| {
        let terms = library.glossary.in_order(locale).into_iter();
        terms.flat_map(move |term| {
            let name = term.name.get(locale);
            let also = term.also(locale).iter();
            also.map(move |word| ((locale, word.to_lowercase()), name.to_owned()))
        })
    };
    library.site.locales.iter().copied().flat_map(of).collect()
}

/// Converts an id or a number of rows, which SQLite returns as a signed integer.
fn to_index(number: i64) -> usize {
    usize::try_from(number).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passage(locale: Locale, title: &str, heading: &str, text: &str) -> IndexedPassage {
        IndexedPassage {
            locale,
            href: format!("/{locale}/{title}#{heading}"),
            section: "S".to_owned(),
            title: title.to_owned(),
            heading: heading.to_owned(),
            text: text.to_owned(),
        }
    }

    fn index(passages: &[IndexedPassage]) -> SearchIndex {
        let passages = passages.to_vec();
        SearchIndex::of_passages(move || passages.clone())
    }

    /// Returns an index of Korean passages with these texts, whose headings are their numbers.
    fn texts(texts: &[&str]) -> SearchIndex {
        let passages = texts.iter().enumerate();
        let passages = passages.map(|(at, text)| passage(Locale::Ko, "T", &at.to_string(), text));
        index(&passages.collect::<Vec<_>>())
    }

    /// Returns the headings of the passages that a query finds in Korean.
    async fn found(index: &SearchIndex, query: &str) -> Vec<String> {
        let query = SearchQuery::parse(query);
        let results = index.search(Locale::Ko, &query, 10).await.expect("results");
        assert_eq!(results.total, results.hits.len(), "{query:?}");
        let hits = results.hits.iter();
        hits.map(|hit| hit.passage.heading.clone()).collect()
    }

    #[tokio::test]
    async fn word_is_found_within_a_compound_and_with_a_particle() {
        let index = texts(&[
            "재인증이 필요합니다",
            "Flask에서 씁니다",
            "오류입니다",
            "기본값",
        ]);
        assert_eq!(found(&index, "인증").await, ["0"]);
        assert_eq!(found(&index, "flask").await, ["1"]);
        assert_eq!(found(&index, "오류를").await, ["2"]);
        assert_eq!(found(&index, "FLASK에서").await, ["1"]);
        assert_eq!(found(&index, "값").await, ["3"]);
        assert_eq!(found(&index, "증인").await, [""; 0]);
        assert_eq!(found(&index, "정오류").await, [""; 0]);
    }

    #[tokio::test]
    async fn compound_is_found_with_and_without_a_space() {
        let index = texts(&[
            "요청본문은 JSON",
            "요청 본문은 JSON",
            "요청의 머리와 본문",
            "본문",
        ]);
        // Adjacent words precede words that are apart.
        assert_eq!(found(&index, "요청본문").await, ["0", "1", "2"]);
        assert_eq!(found(&index, "요청본문을").await, ["0", "1", "2"]);
        let mut all = found(&index, "요청 본문").await;
        all.sort();
        assert_eq!(all, ["0", "1", "2"]);
        let index = texts(&["ProblemDetails", "problem and details", "problem"]);
        assert_eq!(found(&index, "problem details").await, ["1", "0"]);
    }

    #[tokio::test]
    async fn another_word_for_a_term_finds_the_term() {
        let index = texts(&["경로 매개변수", "상태 코드", "상태와 코드", "매개변수"]);
        let synonyms = [("파라미터", "매개변수"), ("응답코드", "상태 코드")];
        let synonyms =
            synonyms.map(|(word, term)| ((Locale::Ko, word.to_owned()), term.to_owned()));
        let index = index.with_synonyms(Synonyms::from(synonyms));
        let mut all = found(&index, "파라미터를").await;
        all.sort();
        assert_eq!(all, ["0", "3"]);
        assert_eq!(found(&index, "경로 파라미터").await, ["0"]);
        assert_eq!(found(&index, "응답코드").await, ["1"]);
        assert_eq!(found(&index, "인자").await, [""; 0]);
    }

    #[tokio::test]
    async fn each_word_of_a_query_must_be_found() {
        let index = texts(&["오류 401", "오류 404", "상태 401", "401이라는 오류"]);
        let mut both = found(&index, "오류 401").await;
        both.sort();
        assert_eq!(both, ["0", "3"]);
    }

    #[tokio::test]
    async fn decomposed_query_finds_the_same() {
        let index = texts(&["재인증", "다른 글"]);
        let decomposed = "\u{110B}\u{1175}\u{11AB}\u{110C}\u{1173}\u{11BC}";
        assert_eq!(found(&index, decomposed).await, ["0"]);
    }

    #[tokio::test]
    async fn word_as_written_precedes_its_other_forms() {
        let index = texts(&["오류 오류 오류", "오류를 고칩니다", "authenticate", "auth"]);
        assert_eq!(found(&index, "오류를").await, ["1", "0"]);
        assert_eq!(found(&index, "auth").await, ["3", "2"]);
    }

    #[tokio::test]
    async fn title_precedes_heading_and_heading_precedes_text() {
        let filler = "다른 말 ".repeat(20);
        let text = |word: &str| format!("{filler} {word} {filler}");
        let passages = [
            passage(Locale::Ko, "A", "글", &text("쿠키 쿠키")),
            passage(Locale::Ko, "B", "쿠키", &text("")),
            passage(Locale::Ko, "쿠키", "쿠키", &text("")),
            passage(Locale::Ko, "쿠키", "다음", &text("")),
            passage(Locale::Ko, "쿠키", "속성", &text("쿠키")),
        ];
        let index = index(&passages);
        // The passage that has the word only in the title of its page is left out.
        assert_eq!(found(&index, "쿠키").await, ["쿠키", "쿠키", "속성", "글"]);
        let query = SearchQuery::parse("쿠키");
        let results = index.search(Locale::Ko, &query, 1).await.expect("results");
        assert_eq!(results.hits[0].passage.href, "/ko/쿠키#쿠키");
        assert_eq!((results.hits.len(), results.total), (1, 4));
        let results = index.search(Locale::Ko, &query, 2).await.expect("results");
        assert_eq!(results.hits[1].passage.href, "/ko/B#쿠키");
        // The title counts together with the text.
        assert_eq!(found(&index, "쿠키 다음").await, ["다음"]);
    }

    #[tokio::test]
    async fn query_language_of_fts5_has_no_meaning() {
        let index = texts(&["one two", "title near", "or not and", "two one"]);
        for query in [
            "\"",
            "\"one",
            "one\"",
            "'",
            "*",
            "one*",
            "^one",
            "one:",
            "(one",
            "one)",
            "{one}",
            "-",
            "one -two",
            "+",
            "one + two",
            "NEAR(one two)",
            "title:one",
            "one OR",
            "AND",
            "NOT one",
            "\\",
            ";",
            "one\0two",
            "%",
            "$1",
        ] {
            let parsed = SearchQuery::parse(query);
            let found = index.search(Locale::Ko, &parsed, 10).await;
            assert!(found.is_ok(), "{query}: {found:?}");
        }
        assert_eq!(found(&index, "one two NOT near").await, [""; 0]);
        assert_eq!(found(&index, "near").await, ["1"]);
        assert_eq!(found(&index, "OR").await, ["2"]);
        assert_eq!(found(&index, "text:one").await, [""; 0]);
        let mut both = found(&index, "one -two").await;
        both.sort();
        assert_eq!(both, ["0", "3"]);
    }

    #[tokio::test]
    async fn empty_and_long_queries_are_answered() {
        let index = texts(&["하나 둘"]);
        assert_eq!(found(&index, "").await, [""; 0]);
        assert_eq!(found(&index, "  ").await, [""; 0]);
        assert_eq!(found(&index, &"하나 ".repeat(100)).await, ["0"]);
        assert_eq!(found(&index, &"가나다라마바사".repeat(100)).await, [""; 0]);
        let words: Vec<String> = (0..200).map(|n| format!("말{n}를")).collect();
        assert_eq!(found(&index, &words.join(" ")).await, [""; 0]);
    }

    #[tokio::test]
    async fn matches_in_other_locales_are_counted_only() {
        let index = index(&[
            passage(Locale::Ko, "T", "0", "PATCH"),
            passage(Locale::En, "T", "1", "PATCH"),
            passage(Locale::En, "T", "2", "PATCH"),
        ]);
        let search = async |locale, query: &str| {
            let query = SearchQuery::parse(query);
            index.search(locale, &query, 10).await.expect("results")
        };
        let korean = search(Locale::Ko, "patch").await;
        assert_eq!(korean.elsewhere, [(Locale::En, 2)]);
        assert_eq!((korean.total, korean.hits.len()), (1, 1));
        let english = search(Locale::En, "patch").await;
        assert_eq!(english.elsewhere, [(Locale::Ko, 1)]);
        assert_eq!(english.hits[0].passage.heading, "1");
        assert_eq!(search(Locale::En, "없음").await.elsewhere, []);
    }
}
