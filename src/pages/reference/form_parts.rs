//! The parts of the target of a request that a form shows as fields of their own.

use super::endpoints::{Endpoint, endpoints};
use crate::components::FormParts;
use crate::model::http::{RequestDraft, path_values};

/// Returns the path and query parameters of the target of a request: those of its endpoint, or of any
/// endpoint with that path when none has the method; none when the path is not part of the API.
pub(in crate::pages) fn form_parts(draft: &RequestDraft) -> Option<FormParts> {
    let has_path = |endpoint: &&Endpoint| path_values(&draft.target, &endpoint.path).is_some();
    let with_path = || endpoints().iter().filter(has_path);
    let same_method = with_path().find(|endpoint| endpoint.method == draft.method);
    let endpoint = same_method.or_else(|| with_path().next())?;
    let query = endpoint.parameters.iter();
    let query = query.filter(|parameter| parameter.location == "query");
    Some(FormParts {
        template: endpoint.path.clone(),
        query: query.map(|parameter| parameter.name.clone()).collect(),
        open: false,
    })
}
