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
    let is_wrong = problem.is_some();
    let FieldText {
        invalid,
        described_by,
        view: text,
    } = field_text(name, note, problem);
    view! {
        <p class="field">
            <label for=name>{label}</label>
            <input id=name name=name type=kind autocomplete=autocomplete required=!is_optional value=value list=list readonly=is_read_only autofocus=is_wrong
                aria-invalid=invalid aria-describedby=described_by/>
            {text}
        </p>
    }
}

/// The sentences below a field, and the attributes of its element that refer to them.
pub(super) struct FieldText {
    /// `aria-invalid`.
    pub invalid: Option<&'static str>,
    /// `aria-describedby`.
    pub described_by: Option<String>,
    /// Why the value was refused, or else the note.
    pub view: AnyView,
}

/// Renders the sentences below the field with an id.
pub(super) fn field_text(id: &str, note: Option<String>, problem: Option<String>) -> FieldText {
    if let Some(problem) = problem {
        let problem_id = format!("{id}-problem");
        return FieldText {
            invalid: Some("true"),
            described_by: Some(problem_id.clone()),
            // The problem says the same as the note.
            view: view! { <span class="field-error" id=problem_id role="alert">{problem}</span> }
                .into_any(),
        };
    }
    let note_id = note.as_ref().map(|_| format!("{id}-note"));
    let described_by = note_id.clone();
    let view = note.map(|note| view! { <span class="field-note" id=note_id>{note}</span> });
    FieldText {
        invalid: None,
        described_by,
        view: view.into_any(),
    }
}
