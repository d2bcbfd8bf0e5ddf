//! Sends a request and fetches the record that the server has of it.

use std::sync::Arc;

use web_sys::AbortController;

use super::placeholders::guid;
use crate::components::FormExtras;
use crate::http_file::RequestCredentials;
use crate::islands::api_client::{self, SendError, SendOptions};
use crate::islands::dom::language;
use crate::model::exchange::is_recorded;
use crate::model::http::{Header, HttpResponse, Mutation, RequestDraft};

/// A request to send.
pub(super) struct PreparedRequest {
    /// The request with the values of its placeholders.
    pub(super) draft: RequestDraft,
    pub(super) credentials: RequestCredentials,
    pub(super) mutation: Option<Mutation>,
    pub(super) no_redirect: bool,
}

/// A response with what is needed to find its record.
pub(super) struct Sent {
    /// The last response.
    pub(super) response: Arc<HttpResponse>,
    /// The group under which all requests are recorded.
    pub(super) group: String,
    /// The key of the message that says why there is no record.
    pub(super) unrecorded: Option<&'static str>,
    /// When the request was sent, in milliseconds of the page.
    pub(super) sent_at: f64,
}

impl PreparedRequest {
    /// Sends the request in the visitor's own sandbox.
    pub(super) async fn send(mut self, cancel: &AbortController) -> Result<Sent, SendError> {
        if api_client::is_offline() {
            return Err(SendError::Offline);
        }
        let target = self.draft.target.clone();
        // Without a sandbox there still is a response, whose problem says what is wrong.
        let key = api_client::sandbox_key().await.ok();
        let has_sandbox = key.is_some();
        let group = guid();
        let headers = &mut self.draft.headers;
        let omit_credentials = self.mutation == Some(Mutation::NoCookie)
            || self.credentials == RequestCredentials::None;
        if omit_credentials && let Some(key) = key {
            headers.push(Header::new("Sandbox-Key", key));
        }
        headers.push(Header::new("Exchange-Group", group.as_str()));
        let options = SendOptions {
            omit_credentials,
            stop_at_redirects: self.no_redirect,
        };
        let sent_at = api_client::now();
        let mut response = api_client::send(&self.draft, options, cancel).await?;
        if self.mutation == Some(Mutation::Twice) {
            response = api_client::send(&self.draft, options, cancel).await?;
        }
        if target.starts_with("/api/sandbox") {
            api_client::forget_sandbox_key();
        }
        Ok(Sent {
            response: Arc::new(response),
            group,
            unrecorded: match (is_recorded(&target), has_sandbox) {
                (false, _) => Some("response-unrecorded"),
                (true, false) => Some("response-no-sandbox"),
                (true, true) => None,
            },
            sent_at,
        })
    }
}

/// What a page shows of a record besides the record.
pub(super) struct RecordQuery<'a> {
    /// The form.
    pub(super) form_id: &'a str,
    pub(super) extras: &'a FormExtras,
    /// The names of the headers that the reader wrote, in lower case.
    pub(super) own_headers: Vec<String>,
    /// The predicted status, and whether data changes; no prediction without a status.
    pub(super) predicted: (String, String),
}

impl RecordQuery<'_> {
    /// Fetches the record of a request as HTML; `None` when there is none.
    pub(super) async fn fetch(&self, sent: &Sent) -> Option<String> {
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let mut target = [
            "/",
            &language(),
            "/exchanges/",
            &encode(&sent.group),
            "?part=&fresh=",
        ]
        .concat();
        let mut add = |name: &str, value: &str| {
            target.push_str(&["&", name, "=", &encode(value)].concat());
        };
        add("id", self.form_id);
        add("own", &self.own_headers.join(","));
        // The server waits until this exchange of the group is recorded.
        if let Some(id) = sent.response.header("request-id") {
            add("last", id);
        }
        if let Some(lesson) = &self.extras.lesson {
            add("lesson", lesson);
        }
        let (status, changes) = &self.predicted;
        if !status.is_empty() {
            add("predicted_status", status);
            add("predicted_changes", changes);
        }
        api_client::page(&target).await
    }
}
