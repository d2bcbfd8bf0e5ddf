//! Lists with pages: which entries a page shows, and the links to the pages before and after.

use leptos::prelude::*;

use crate::model::messages::MessageCatalog;

/// The number of entries on a page.
const PAGE_SIZE: i64 = 50;

/// A page of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListPage {
    /// The number of the page, from 1.
    number: i64,
    /// How many entries the list has.
    count: i64,
}

impl ListPage {
    /// Returns the page with a number of a list with `count` entries; the last one when there are fewer.
    pub(super) fn of(number: i64, count: i64) -> ListPage {
        let last = (count - 1).max(0) / PAGE_SIZE + 1;
        ListPage {
            number: number.clamp(1, last),
            count,
        }
    }

    /// Returns the number of the page, from 1.
    pub(super) fn number(self) -> i64 {
        self.number
    }

    /// Returns how many entries the list has.
    pub(super) fn count(self) -> i64 {
        self.count
    }

    /// Returns how many entries are on the pages before, and how many are on this one at most.
    pub(super) fn range(self) -> (i64, i64) {
        ((self.number - 1) * PAGE_SIZE, PAGE_SIZE)
    }

    /// Returns the entries of the page, from all of them.
    pub(super) fn entries<T>(self, all: Vec<T>) -> Vec<T> {
        let (offset, limit) = self.range();
        let index = |number| usize::try_from(number).unwrap_or_default();
        let entries = all.into_iter().skip(index(offset)).take(index(limit));
        entries.collect()
    }

    /// Renders the links to the pages before and after; `address` returns that of a page.
    pub(super) fn links(
        self,
        address: impl Fn(i64) -> String,
        messages: &MessageCatalog,
    ) -> AnyView {
        let link = |page: i64, rel: &'static str, key: &str| {
            view! { <a class="button" rel=rel href=address(page)>{messages.get(key)}</a> }
        };
        let before = (self.number > 1).then(|| link(self.number - 1, "prev", "previous-page"));
        let is_last = self.number * PAGE_SIZE >= self.count;
        let after = (!is_last).then(|| link(self.number + 1, "next", "next-page"));
        view! { <p class="portal-pages">{before}{after}</p> }.into_any()
    }
}

/// Returns the number of the page in a query, such as `page=2`; 1 without one.
pub(super) fn page_number(query: Option<&str>) -> i64 {
    let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let page = fields.find(|(name, _)| name == "page");
    page.and_then(|(_, value)| value.parse().ok()).unwrap_or(1)
}

/// Returns the address of a page of a list that says what was done.
pub(super) fn done_address(path: &str, number: i64, done: &str) -> String {
    let address = page_address(path, number);
    let separator = if address.contains('?') { '&' } else { '?' };
    format!("{address}{separator}done={done}")
}

/// Returns what was done, as the query names it.
pub(super) fn done_in(query: Option<&str>) -> String {
    let mut fields = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let done = fields.find(|(name, _)| name == "done");
    done.map_or_else(String::new, |(_, value)| value.into_owned())
}

/// Returns the address of a page of a list.
pub(super) fn page_address(path: &str, number: i64) -> String {
    match number {
        1 => path.to_owned(),
        number => format!("{path}?page={number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_after_the_last_one_is_the_last_one() {
        for (number, count, expected) in [
            (1, 0, 0),
            (2, 0, 0),
            (2, 50, 0),
            (2, 51, 50),
            (3, 51, 50),
            (i64::MAX, 500, 450),
            (i64::MIN, 500, 0),
        ] {
            let (offset, _) = ListPage::of(number, count).range();
            assert_eq!(offset, expected, "{number} of {count}");
        }
    }

    #[test]
    fn number_of_the_page_is_in_the_query() {
        for (query, expected) in [
            (None, 1),
            (Some("page=2"), 2),
            (Some("done=x&page=3"), 3),
            (Some("page=x"), 1),
        ] {
            assert_eq!(page_number(query), expected, "{query:?}");
        }
    }
}
