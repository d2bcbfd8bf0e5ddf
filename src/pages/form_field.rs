//! A labelled field of a form, with an error message beside it.

use leptos::prelude::*;

/// A field of a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Field {
    /// The name in the form, and the id of the element.
    pub name: &'static str,
    /// The `type` of the input element.
    pub kind: &'static str,
    /// The label.
    pub label: String,
    /// The `autocomplete` token (HTML, section 4.10.18.7).
    pub autocomplete: &'static str,
    /// The value that is shown; passwords are never shown again.
    pub value: String,
    /// The id of a `datalist` with suggestions.
    pub list: Option<&'static str>,
    /// A sentence below the field.
    pub note: Option<String>,
    /// Why the value was refused.
    pub problem: Option<String>,
    /// Whether the field may stay empty.
    pub is_optional: bool,
    /// Whether the value is fixed.
    pub is_read_only: bool,
}

/// Renders a field.
pub(super) fn field(field: Field) -> impl IntoView {
    let Field {
        name,
        kind,
        label,
        autocomplete,
        value,
        list,
        note,
        problem,
        is_optional,
        is_read_only,
    } = field;
    let invalid = problem.is_some().then_some("true");
    // The problem says the same as the note.
    let note = note.filter(|_| problem.is_none());
    let is_wrong = problem.is_some();
    let note_id = note.as_ref().map(|_| format!("{name}-note"));
    let problem_id = problem.as_ref().map(|_| format!("{name}-problem"));
    let described_by = [problem_id.clone(), note_id.clone()];
    let described_by: Vec<String> = described_by.into_iter().flatten().collect();
    let described_by = (!described_by.is_empty()).then(|| described_by.join(" "));
    let note = note.map(|note| view! { <span class="field-note" id=note_id>{note}</span> });
    let problem = problem.map(
        |problem| view! { <span class="field-error" id=problem_id role="alert">{problem}</span> },
    );
    view! {
        <p class="field">
            <label for=name>{label}</label>
            <input id=name name=name type=kind autocomplete=autocomplete required=!is_optional value=value list=list readonly=is_read_only autofocus=is_wrong
                aria-invalid=invalid aria-describedby=described_by/>
            {problem}
            {note}
        </p>
    }
}
