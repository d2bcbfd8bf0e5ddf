//! Measures the time of a search beside that of a LIKE query over the same passages, and prints a table.
//!
//! The passages are generated from the sentences of the built-in lessons, always the same ones.

use std::time::{Duration, Instant};

use routebook::database::{Database, Statement};
use routebook::model::locale::Locale;
use routebook::search::{IndexedPassage, SearchIndex, SearchQuery};
use routebook::server::Content;

/// The number of passages in each locale.
const PASSAGES: usize = 2500;
/// The number of times that each query is sent.
const ROUNDS: usize = 200;
/// The number of results.
const LIMIT: usize = 30;

const QUERIES: &[(Locale, &str)] = &[
    (Locale::Ko, "인증"),
    (Locale::Ko, "값"),
    (Locale::Ko, "오류를"),
    (Locale::Ko, "요청 본문"),
    (Locale::Ko, "요청본문"),
    (Locale::Ko, "오류 401"),
    (Locale::Ko, "Flask에서"),
    (Locale::En, "request"),
    (Locale::En, "authentication"),
    (Locale::En, "problem details"),
    (Locale::En, "If-Match"),
    (Locale::En, "the server response"),
];

const TABLE: &str = "CREATE TABLE passage \
    (id INTEGER PRIMARY KEY, locale TEXT NOT NULL, title TEXT NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL);";

const LIKE: &str = "SELECT id FROM passage WHERE locale = $1 AND (title || ' ' || heading || ' ' || text) LIKE $2 \
    AND (title || ' ' || heading || ' ' || text) LIKE $3 LIMIT $4";

/// A generator of numbers that are the same in each run (xorshift64, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

/// Returns passages with the lengths of the real ones, of sentences in any order.
fn generate(content: &Content) -> Vec<IndexedPassage> {
    let mut numbers = Numbers(20_261_129);
    let mut passages = Vec::new();
    for locale in Locale::ALL {
        let pages: Vec<_> = content.library().in_order(locale).collect();
        let real: Vec<_> = pages.iter().flat_map(|page| &page.passages).collect();
        let sentences = real
            .iter()
            .flat_map(|passage| passage.text.split(['\n', '.']));
        let sentences: Vec<&str> = sentences.filter(|text| !text.trim().is_empty()).collect();
        for number in 0..PASSAGES {
            let length = real[numbers.below(real.len())].text.len();
            let mut text = String::new();
            while text.len() < length {
                text.push_str(sentences[numbers.below(sentences.len())]);
                text.push_str(". ");
            }
            passages.push(IndexedPassage {
                locale,
                href: format!("/{locale}/generated/{number}"),
                section: String::new(),
                title: pages[numbers.below(pages.len())].front.title.clone(),
                heading: real[numbers.below(real.len())].heading.clone(),
                text,
            });
        }
    }
    passages
}

/// Stores the passages in a plain table.
async fn store(passages: &[IndexedPassage]) -> anyhow::Result<Database> {
    let database = Database::open_in_memory(TABLE).await?;
    for passage in passages {
        let insert = "INSERT INTO passage (locale, title, heading, text) VALUES ($1, $2, $3, $4)";
        let insert = Statement::new(insert)
            .bind(passage.locale.as_str())
            .bind(&passage.title)
            .bind(&passage.heading)
            .bind(&passage.text);
        database.write(insert).await?;
    }
    Ok(database)
}

/// Returns the number of results of a LIKE query for the first two words.
async fn like(database: &Database, locale: Locale, query: &str) -> anyhow::Result<usize> {
    let mut words = query.split(' ');
    let mut pattern = || format!("%{}%", words.next().unwrap_or_default());
    let statement = Statement::new(LIKE)
        .bind(locale.as_str())
        .bind(pattern())
        .bind(pattern())
        .bind(i64::try_from(LIMIT)?);
    Ok(database.all(statement).await?.len())
}

/// Returns a time that a part of the measured ones did not exceed, in milliseconds.
fn percentile(times: &mut [Duration], part: f64) -> f64 {
    times.sort_unstable();
    let at = (times.len() as f64 * part) as usize;
    times[at.min(times.len() - 1)].as_secs_f64() * 1000.0
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let content = Content::built_in()?;
    let passages = generate(&content);
    let bytes: usize = passages.iter().map(|passage| passage.text.len()).sum();
    let database = store(&passages).await?;
    let indexed = passages.clone();
    let index = SearchIndex::of_passages(move || indexed.clone());
    let started = Instant::now();
    index.build().await?;
    println!(
        "{} passages, {} kB of text; the index was built in {} ms\n",
        passages.len(),
        bytes / 1000,
        started.elapsed().as_millis()
    );
    println!("| query | results | p50 ms | p99 ms | LIKE results | p50 ms | p99 ms |");
    println!("|---|--:|--:|--:|--:|--:|--:|");
    let mut all = (Vec::new(), Vec::new());
    for (locale, text) in QUERIES {
        let mut times = (Vec::new(), Vec::new());
        let mut counts = (0, 0);
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let query = SearchQuery::parse(text);
            counts.0 = index.search(*locale, &query, LIMIT).await?.total;
            times.0.push(started.elapsed());
            let started = Instant::now();
            counts.1 = like(&database, *locale, text).await?;
            times.1.push(started.elapsed());
        }
        all.0.extend_from_slice(&times.0);
        all.1.extend_from_slice(&times.1);
        print_row(text, counts, &mut times);
    }
    print_row("all", (0, 0), &mut all);
    Ok(())
}

fn print_row(query: &str, counts: (usize, usize), times: &mut (Vec<Duration>, Vec<Duration>)) {
    println!(
        "| {query} | {} | {:.2} | {:.2} | {} | {:.2} | {:.2} |",
        counts.0,
        percentile(&mut times.0, 0.5),
        percentile(&mut times.0, 0.99),
        counts.1,
        percentile(&mut times.1, 0.5),
        percentile(&mut times.1, 0.99),
    );
}
