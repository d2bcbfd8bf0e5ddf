//! Sends a request and fetches the record that the server has of it.

use std::sync::Arc;

use web_sys::AbortController;

use super::placeholders::guid;
use crate::components::{FormExtras, expectation_lines};
use crate::http_file::PreparedRequest;
use crate::islands::api_client::{self, SendError, SendOptions};
use crate::islands::dom::language;
use crate::model::exchange::is_recorded;
use crate::model::http::{Header, HttpResponse, Mutation, RequestDraft};

/// A request to send.
pub(super) struct RequestToSend {
    pub(super) request: PreparedRequest,
    pub(super) mutation: Option<Mutation>,
    pub(super) no_redirect: bool,
    pub(super) browser_cache: bool,
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

impl RequestToSend {
    /// Sends the request in the visitor's own sandbox.
    pub(super) async fn send(&self, cancel: &AbortController) -> Result<Sent, SendError> {
        if api_client::is_offline() {
            return Err(SendError::Offline);
        }
        let mut draft = self.request.draft.clone();
        let path = self.request.draft.path();
        // Without a sandbox there still is a response, whose problem says what is wrong.
        let key = api_client::sandbox_key().await.ok();
        let has_sandbox = key.is_some();
        let group = guid();
        let omit_credentials =
            self.mutation == Some(Mutation::NoCookie) || !self.request.sends_cookies;
        if omit_credentials
            && draft.header("sandbox-key").is_none()
            && let Some(key) = key
        {
            draft.headers.push(Header::new("Sandbox-Key", key));
        }
        let own_group = Header::new("Exchange-Group", group.as_str());
        draft.headers.push(own_group);
        let options = SendOptions {
            omit_credentials,
            stop_at_redirects: self.no_redirect,
            use_cache: self.browser_cache,
        };
        let sent_at = api_client::now();
        let mut response = api_client::send(&draft, options, cancel).await?;
        if self.mutation == Some(Mutation::Twice) {
            response = api_client::send(&draft, options, cancel).await?;
        }
        if path == "/api/sandbox" && self.request.draft.method != "GET" {
            // It may have been deleted or created.
            api_client::set_sandbox_key(None);
        }
        Ok(Sent {
            response: Arc::new(response),
            group,
            unrecorded: match (is_recorded(path), has_sandbox) {
                (false, _) => Some("response-unrecorded"),
                (true, false) => Some("response-no-sandbox"),
                (true, true) => None,
            },
            sent_at,
        })
    }
}

/// The bytes of the expectations of a file that fit into an address, three times as long when they are encoded.
const EXPECTED_MAX: usize = 2000;

/// What a page shows of a record besides the record.
pub(super) struct RecordQuery<'a> {
    /// The form.
    pub(super) form_id: &'a str,
    pub(super) extras: &'a FormExtras,
    /// The names of the headers that the reader wrote, in lower case.
    pub(super) own_headers: Vec<String>,
    /// Which send of the form it is, from 1.
    pub(super) send: u32,
    /// How the request was broken on purpose.
    pub(super) mutation: Option<Mutation>,
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
        let mut room = EXPECTED_MAX;
        for expectation in expectation_lines(&self.extras.lines) {
            room = room.saturating_sub(expectation.len());
            if room > 0 {
                add("expect", expectation);
            }
        }
        add("send", &self.send.to_string());
        if let Some(mutation) = self.mutation {
            add("mutation", mutation.name());
        }
        let (status, changes) = &self.predicted;
        if !status.is_empty() {
            add("predicted_status", status);
            add("predicted_changes", changes);
        }
        api_client::page(&target).await
    }
}

/// The sends of a form since the page was opened.
#[derive(Clone, Debug, Default)]
pub(super) struct SendLog {
    /// The number of sends whose request was not broken on purpose.
    count: u32,
    /// The last mutation of a draft.
    broken: Option<BrokenDraft>,
}

/// A draft that was broken on purpose.
#[derive(Clone, Debug)]
struct BrokenDraft {
    mutation: Mutation,
    before: RequestDraft,
    after: RequestDraft,
}

impl SendLog {
    /// Returns the draft to which a mutation is applied: the one before the last mutation if it is still as that
    /// made it, so that a request has one mistake at a time.
    pub(super) fn unbroken(&self, draft: &RequestDraft) -> RequestDraft {
        let broken = self.broken.as_ref();
        let broken = broken.filter(|broken| broken.after == *draft);
        broken.map_or_else(|| draft.clone(), |broken| broken.before.clone())
    }

    /// Returns the mutation of a draft: the one that is applied now, or the last one if the draft is still as it
    /// made it. `before` is the draft to which it was applied.
    pub(super) fn mutation_of(
        &mut self,
        mutation: Option<Mutation>,
        before: &RequestDraft,
        draft: &RequestDraft,
    ) -> Option<Mutation> {
        match mutation {
            // These change how a request is sent, not the draft.
            Some(Mutation::Twice | Mutation::NoCookie) => mutation,
            Some(applied) => {
                self.broken = Some(BrokenDraft {
                    mutation: applied,
                    before: before.clone(),
                    after: draft.clone(),
                });
                mutation
            }
            None => {
                let broken = self.broken.as_ref();
                let broken = broken.filter(|broken| broken.after == *draft);
                broken.map(|broken| broken.mutation)
            }
        }
    }

    /// Adds a send that got a response, and returns its number, from 1. A request that was broken on purpose
    /// has the number of the next valid one.
    pub(super) fn add(&mut self, mutation: Option<Mutation>) -> u32 {
        match mutation {
            None => self.count += 1,
            Some(Mutation::Twice) => self.count += 2,
            Some(_) => return self.count + 1,
        }
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_requests_are_no_sends() {
        let mut log = SendLog::default();
        assert_eq!(log.add(Some(Mutation::TrailingComma)), 1);
        assert_eq!(log.add(None), 1);
        assert_eq!(log.add(None), 2);
        assert_eq!(log.add(Some(Mutation::Twice)), 4);
        assert_eq!(log.add(Some(Mutation::NoCookie)), 5);
        assert_eq!(log.add(None), 5);
    }

    #[test]
    fn draft_stays_broken_until_it_is_changed() {
        let mut log = SendLog::default();
        let broken = RequestDraft {
            body: "{,}".to_owned(),
            ..RequestDraft::default()
        };
        let fine = RequestDraft::default();
        assert_eq!(log.mutation_of(None, &broken, &broken), None);
        let mutation = Some(Mutation::TrailingComma);
        assert_eq!(log.mutation_of(mutation, &fine, &broken), mutation);
        // The next mistake is made in the request as it was before.
        assert_eq!(log.unbroken(&broken), fine);
        assert_eq!(log.unbroken(&fine), fine);
        assert_eq!(log.mutation_of(None, &broken, &broken), mutation);
        assert_eq!(log.mutation_of(None, &fine, &fine), None);
        let twice = Some(Mutation::Twice);
        assert_eq!(log.mutation_of(twice, &fine, &fine), twice);
        assert_eq!(log.mutation_of(None, &fine, &fine), None);
    }
}
