//! The requests that a visitor has saved in the browser, by name.

use super::http::RequestDraft;
use super::json::Json;

/// The maximum number of saved requests.
pub const SAVED_MAX: usize = 100;
/// The maximum number of characters of a name.
pub const NAME_MAX: usize = 80;

/// A request with the name under which it is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedRequest {
    /// The name, which no other saved request has.
    pub name: String,
    /// The request.
    pub draft: RequestDraft,
}

/// The reason why a request is not saved or renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveError {
    /// The name is empty.
    NameMissing,
    /// Another request has the name.
    NameTaken,
    /// There are [`SAVED_MAX`] requests.
    Full,
    /// There is no request with the name any more.
    Gone,
    /// The browser refuses the storage.
    Blocked,
    /// The storage of the browser is full.
    StorageFull,
}

impl SaveError {
    /// Returns the key of the message.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            SaveError::NameMissing => "workspace-name-missing",
            SaveError::NameTaken => "workspace-name-taken",
            SaveError::Full => "workspace-full",
            SaveError::Gone => "workspace-gone",
            SaveError::Blocked => "workspace-blocked",
            SaveError::StorageFull => "workspace-storage-full",
        }
    }
}

/// The saved requests, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedRequests(Vec<SavedRequest>);

impl SavedRequests {
    /// Parses the output of [`SavedRequests::to_json`]; none for any other text.
    #[must_use]
    pub fn from_json(text: &str) -> SavedRequests {
        let Ok(Json::Array(items)) = Json::parse(text.as_bytes()) else {
            return SavedRequests::default();
        };
        let request = |item: &Json| {
            Some(SavedRequest {
                name: item.member("name")?.as_text()?.to_owned(),
                draft: RequestDraft::from_parsed(item.member("draft")?)?,
            })
        };
        SavedRequests(items.iter().filter_map(request).collect())
    }

    /// Returns the requests as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        let item = |request: &SavedRequest| {
            Json::Object(vec![
                ("name".to_owned(), Json::String(request.name.clone())),
                ("draft".to_owned(), request.draft.as_json()),
            ])
        };
        Json::Array(self.0.iter().map(item).collect()).pretty()
    }

    /// Returns the requests.
    #[must_use]
    pub fn list(&self) -> &[SavedRequest] {
        &self.0
    }

    /// Returns the request with a name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&RequestDraft> {
        let request = self.0.iter().find(|request| request.name == name)?;
        Some(&request.draft)
    }

    /// Saves a request under a name, in the place of the one that has it. Returns whether there was one.
    ///
    /// # Errors
    /// [`SaveError::NameMissing`] or [`SaveError::Full`].
    pub fn save(&mut self, name: &str, draft: RequestDraft) -> Result<bool, SaveError> {
        let name = valid_name(name)?;
        if let Some(saved) = self.0.iter_mut().find(|request| request.name == name) {
            saved.draft = draft;
            return Ok(true);
        }
        self.insert(0, SavedRequest { name, draft })?;
        Ok(false)
    }

    /// Gives a request another name.
    ///
    /// # Errors
    /// [`SaveError::NameMissing`], [`SaveError::NameTaken`] or [`SaveError::Gone`].
    pub fn rename(&mut self, name: &str, new: &str) -> Result<(), SaveError> {
        let new = valid_name(new)?;
        if new != name && self.find(&new).is_some() {
            return Err(SaveError::NameTaken);
        }
        let request = self.0.iter_mut().find(|request| request.name == name);
        request.ok_or(SaveError::Gone)?.name = new;
        Ok(())
    }

    /// Removes a request; returns it with its index, to be inserted again.
    pub fn remove(&mut self, name: &str) -> Option<(usize, SavedRequest)> {
        let index = self.0.iter().position(|request| request.name == name)?;
        Some((index, self.0.remove(index)))
    }

    /// Inserts a request at an index, or at the end.
    ///
    /// # Errors
    /// [`SaveError::NameTaken`] or [`SaveError::Full`].
    pub fn insert(&mut self, index: usize, request: SavedRequest) -> Result<(), SaveError> {
        if self.find(&request.name).is_some() {
            return Err(SaveError::NameTaken);
        }
        if self.0.len() >= SAVED_MAX {
            return Err(SaveError::Full);
        }
        self.0.insert(index.min(self.0.len()), request);
        Ok(())
    }
}

/// Returns a name without white space around it, cut to [`NAME_MAX`] characters.
fn valid_name(name: &str) -> Result<String, SaveError> {
    let name: String = name.trim().chars().take(NAME_MAX).collect();
    match name.is_empty() {
        true => Err(SaveError::NameMissing),
        false => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(target: &str) -> RequestDraft {
        RequestDraft {
            method: "GET".to_owned(),
            target: target.to_owned(),
            ..RequestDraft::default()
        }
    }

    fn saved(names: &[&str]) -> SavedRequests {
        let mut saved = SavedRequests::default();
        for name in names.iter().rev() {
            assert_eq!(saved.save(name, draft(name)), Ok(false), "{name}");
        }
        saved
    }

    fn names(saved: &SavedRequests) -> Vec<&str> {
        let requests = saved.list().iter();
        requests.map(|request| request.name.as_str()).collect()
    }

    #[test]
    fn requests_are_the_same_after_a_round_trip() {
        let saved = saved(&["한글 \"a\"", "/api/users"]);
        assert_eq!(SavedRequests::from_json(&saved.to_json()), saved);
        for text in ["", "{}", "[1, {\"name\": \"a\"}]"] {
            assert_eq!(SavedRequests::from_json(text), SavedRequests::default());
        }
    }

    #[test]
    fn newest_request_is_first_and_a_name_is_used_once() {
        let mut saved = saved(&["a", "b"]);
        assert_eq!(saved.save(" c ", draft("/c")), Ok(false));
        assert_eq!(names(&saved), ["c", "a", "b"]);
        assert_eq!(saved.save("b", draft("/new")), Ok(true));
        assert_eq!(names(&saved), ["c", "a", "b"]);
        assert_eq!(saved.find("b"), Some(&draft("/new")));
        assert_eq!(saved.find("d"), None);
        assert_eq!(saved.save("  ", draft("/")), Err(SaveError::NameMissing));
        assert_eq!(saved.save(&"x".repeat(200), draft("/")), Ok(false));
        assert_eq!(saved.list()[0].name.len(), NAME_MAX);
    }

    #[test]
    fn request_keeps_its_position_when_it_is_renamed_or_restored() {
        let mut saved = saved(&["a", "b", "c"]);
        assert_eq!(saved.rename("b", " d "), Ok(()));
        assert_eq!(names(&saved), ["a", "d", "c"]);
        assert_eq!(saved.rename("d", "d"), Ok(()));
        assert_eq!(saved.rename("d", "a"), Err(SaveError::NameTaken));
        assert_eq!(saved.rename("d", " "), Err(SaveError::NameMissing));
        assert_eq!(saved.rename("b", "e"), Err(SaveError::Gone));
        let (index, request) = saved.remove("d").expect("a request");
        assert_eq!((index, names(&saved)), (1, vec!["a", "c"]));
        assert_eq!(saved.remove("d"), None);
        assert_eq!(saved.insert(index, request.clone()), Ok(()));
        assert_eq!(names(&saved), ["a", "d", "c"]);
        assert_eq!(saved.insert(0, request), Err(SaveError::NameTaken));
    }

    #[test]
    fn number_of_requests_is_limited() {
        let mut saved = SavedRequests::default();
        for number in 0..SAVED_MAX {
            assert_eq!(saved.save(&number.to_string(), draft("/")), Ok(false));
        }
        assert_eq!(saved.save("one more", draft("/")), Err(SaveError::Full));
        assert_eq!(saved.save("7", draft("/other")), Ok(true));
    }
}
