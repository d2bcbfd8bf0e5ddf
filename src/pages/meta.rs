//! What the layout of every page needs: the locale and viewer of the request, and the metadata of the page.

use std::sync::Arc;

use axum::http::StatusCode;

use crate::api::SharedResponse;
use crate::model::locale::Locale;
use crate::pages::learner::LearnerProgress;
use crate::portal::Viewer;
use crate::state::StyleSheet;

/// The properties of a request that every page needs: the `{lang}` of its path and the viewer.
///
/// `pages::extract` reads it from the request.
#[derive(Clone, Debug)]
pub(super) struct PageRequest {
    /// The locale of the page.
    pub locale: Locale,
    /// The account that is logged in, if any.
    pub viewer: Option<Viewer>,
}

/// The metadata of a page.
#[derive(Clone, Debug)]
pub(super) struct PageMeta {
    /// The request for the page: locale and viewer.
    pub request: PageRequest,
    /// The title of the page, without the title of the site.
    pub title: String,
    /// One sentence for the description in `<head>`.
    pub description: String,
    /// The path after the locale (`/methods/get`), when it is the same in every locale.
    pub path: Option<String>,
    /// The locales in which the page exists; in another one its content is in the first of them.
    pub locales: Vec<Locale>,
    /// The description of the page for search engines, in JSON-LD (schema.org).
    pub structured_data: Option<serde_json::Value>,
    /// The address of the page as Markdown, if it has one.
    pub markdown: Option<String>,
    /// The address without the origin of the image that other sites show beside a link to the page: a PNG of 1200 × 630 pixels.
    pub image: String,
    /// The query of the address with its `?`, which the links to the other locales keep; otherwise empty.
    pub query: String,
    /// Whether search engines may list the page, unless it has no path or an error status.
    pub is_indexed: bool,
    /// The status of the response.
    pub status: StatusCode,
    /// Whether the lessons are listed beside the content.
    pub has_navigation: bool,
    /// The style sheets that the page embeds besides [`StyleSheet::Site`].
    pub styles: &'static [StyleSheet],
    /// Whether the page is one of the playground, whose islands need more messages.
    pub is_workspace: bool,
    /// What the viewer has done of the lessons; `render` reads it for pages with navigation that do not set it.
    pub progress: Option<Arc<LearnerProgress>>,
    /// The number of answers of mentors that the viewer has not seen; `render` reads it.
    pub new_answers: i64,
    /// Set when the page is the same for every anonymous visitor.
    pub shared: Option<SharedResponse>,
}

impl PageMeta {
    /// Creates the metadata of a page with status 200.
    pub(super) fn new(
        request: PageRequest,
        title: impl Into<String>,
        path: impl Into<String>,
    ) -> PageMeta {
        PageMeta {
            request,
            title: title.into(),
            description: String::new(),
            path: Some(path.into()),
            locales: Locale::ALL.to_vec(),
            structured_data: None,
            markdown: None,
            image: "/og.png".to_owned(),
            query: String::new(),
            is_indexed: true,
            status: StatusCode::OK,
            has_navigation: true,
            styles: &[],
            is_workspace: false,
            progress: None,
            new_answers: 0,
            shared: None,
        }
    }

    /// Declares that for anonymous visitors the page depends on nothing but its path: not on cookies, other
    /// headers, or the visitor's data. The server caches such a page.
    pub(super) fn share(&mut self) {
        let (locale, path) = (self.request.locale, self.path.as_deref());
        self.shared = path.map(|path| SharedResponse::new(format!("/{locale}{path}")));
    }

    /// Does the same as [`PageMeta::share`] for a page that does not depend on its query either.
    pub(super) fn share_for_any_query(&mut self) {
        self.share();
        self.shared = self.shared.take().map(SharedResponse::ignoring_query);
    }
}
