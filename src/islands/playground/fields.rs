//! The fields of a request form: method, prompts, the rows of parameters and headers, prediction.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::errors::{field_errors, prompt_error};
use super::form::{Form, flag, write_to};
use super::placeholders::Prompt;
use super::state::{FieldRow, FieldRows};
use crate::components::FormParts;
use crate::components::icon::{ADD, Icon, REMOVE};
use crate::islands::dom::{effect, find, focus, listener, set};
use crate::islands::island_data::hydrated;
use crate::islands::server_view::{server_text, server_view};
use crate::model::http::{DraftField, METHODS, QueryFields, path_values, with_path_value};

/// Renders the list of methods.
pub(super) fn method_select(form: Form, example: String) -> impl IntoView {
    let method = form.draft.method;
    let select = NodeRef::<html::Select>::new();
    let other = RwSignal::new(Some(example.clone()).filter(|it| !METHODS.contains(&it.as_str())));
    effect(move || {
        let method = method.get();
        if !METHODS.contains(&method.as_str()) {
            other.set(Some(method.clone()));
        }
        // Once the list has the method.
        spawn_local(async move {
            if let Some(select) = select.get_untracked() {
                select.set_value(&method);
                set(&select, "data-method", &method);
            }
        });
    });
    let options = METHODS
        .map(|name| server_view(|| view! { <option selected=name == example>{name}</option> }))
        .collect_view();
    let other = move || {
        other
            .get()
            .map(|name| view! { <option selected>{name}</option> })
    };
    view! {
        <select name="method" class="method-select" data-method=server_text(|| example.clone()) node_ref=select
            aria-label=form.label("request-method") aria-invalid=flag(move || form.is_invalid(DraftField::Method))
            aria-errormessage=form.fixed_id("error") on:change=listener(move |event| form.change_method(event_target_value(&event)))>
            {options}{other}
        </select>
    }
}

/// Renders a labelled input for each value that the reader enters.
pub(super) fn prompts(form: Form) -> impl IntoView {
    let prompts = form
        .constants
        .with_value(|constants| constants.prompts.clone());
    (!prompts.is_empty()).then(|| {
        let rows = prompts.into_iter().map(|prompt| {
            let Prompt { name, label, value } = prompt;
            let field = form.id(&["prompt-", &name].concat());
            let kind = if name.contains("password") { "password" } else { "text" };
            let own = name.clone();
            let error = form.id(&["error-", &name].concat());
            view! {
                <div class="part-row">
                    {server_view(|| view! { <label for=field.clone()>{label}</label> })}
                    <input id=server_text(|| field.clone()) name=server_text(|| ["prompt-", &name].concat()) type=kind autocomplete="off" spellcheck="false" autocapitalize="off"
                        aria-invalid=flag(move || form.is_missing(&own)) aria-errormessage=server_text(|| error.clone())
                        prop:value=value on:input=listener(write_to(value))/>
                    {prompt_error(form, error, name)}
                </div>
            }
        });
        view! { <div class="part-rows request-prompts">{rows.collect_view()}</div> }
    })
}

/// Renders a labelled field for each value in the path and each documented parameter of the query, and rows
/// for the other parameters. The target contains all of them.
pub(super) fn target_parts(form: Form, parts: FormParts) -> impl IntoView {
    let FormParts {
        template,
        query,
        open,
    } = parts;
    let draft = form.draft;
    let names: Vec<String> = template
        .split(['{', '}'])
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    let is_hydrated = hydrated();
    let documented_path = template.clone();
    let documented_method = form
        .constants
        .with_value(|constants| constants.example.method.clone());
    let is_of_other_route = move || {
        let is_same = |target: &String| path_values(target, &documented_path).is_some();
        let has_method = |method: &String| *method == documented_method || method == "HEAD";
        is_hydrated.get() && !(draft.target.with(is_same) && draft.method.with(has_method))
    };
    let values = Signal::derive(move || {
        let values = draft.target.with(|target| path_values(target, &template));
        values.unwrap_or_default()
    });
    let path = names.into_iter().enumerate().map(|(at, name)| {
        let value = Signal::derive(move || values.get().into_iter().nth(at).unwrap_or_default());
        let is_other_path = move || is_hydrated.get() && values.with(Vec::is_empty);
        let own = name.clone();
        let write = move |event: Event| {
            let (target, value) = (draft.target.get_untracked(), event_target_value(&event));
            let target = form.constants.with_value(|constants| {
                let parts = constants.extras.parts.as_ref()?;
                with_path_value(&target, &parts.template, &own, &value)
            });
            if let Some(target) = target {
                draft.write_target(target);
            }
        };
        view! { <div class="part-row" hidden=is_other_path>{part_field(form, "path", name, value, write)}</div> }
    });
    let path = path.collect_view();
    let documented = query.join(", ");
    // Parameters that the example has are shown.
    let has_values = form.constants.with_value(|constants| {
        let fields = QueryFields::of(&constants.example.target, &query);
        fields.named.iter().any(|value| !value.is_empty())
    });
    let query = query.into_iter().enumerate().map(|(at, name)| {
        let value = Signal::derive(move || draft.named.with(|named| named[at].clone()));
        let write = move |event: Event| draft.write_parameter(at, event_target_value(&event));
        view! { <div class="part-row">{part_field(form, "query", name, value, write)}</div> }
    });
    let query = query.collect_view();
    let query = (!documented.is_empty()).then(|| {
        view! {
            <details class="documented-parts" open=open || has_values hidden=is_of_other_route>
                {server_view(|| view! { <summary>{form.message("request-params-documented")}" "<code>{documented}</code></summary> })}
                <div class="part-rows">{query}</div>
            </details>
        }
    });
    view! {
        <div class="request-parts">
            <div class="part-rows">{path}</div>
            {query}
            {rows(form, "query", draft.query)}
        </div>
    }
}

/// Renders the field of a part of the target; `kind` is `path` or `query`.
fn part_field(
    form: Form,
    kind: &'static str,
    name: String,
    value: Signal<String>,
    write: impl FnMut(Event) + 'static,
) -> impl IntoView {
    let field = || form.id(&[kind, "-", &name].concat());
    let label = || form.message(&["request-part-", kind].concat());
    let of_kind = |wanted: &str| (kind == wanted).then(|| server_text(|| name.clone()));
    view! {
        {server_view(|| view! { <label for=field()><code>{name.clone()}</code>" "<span class="quiet">{label()}</span></label> })}
        <input id=server_text(field) value=server_text(|| value.get_untracked()) data-path=of_kind("path") data-query=of_kind("query")
            spellcheck="false" autocapitalize="off" autocomplete="off" prop:value=value on:input=listener(write)/>
    }
}

/// Renders the headers.
pub(super) fn headers(form: Form) -> impl IntoView {
    view! { <div class="request-headers">{rows(form, "header", form.draft.headers)}</div> }
}

/// Renders rows of a name and a value; `kind` is `header` or `query`. The rows of a query are sent in the target.
fn rows(form: Form, kind: &'static str, rows: FieldRows) -> impl IntoView {
    let is_header = kind == "header";
    let label = move |name: &str| form.message(&["request-", kind, "-", name].concat());
    let changed = move || {
        if !is_header {
            form.draft.write_query();
        }
    };
    let container = NodeRef::<html::Div>::new();
    // Once the rows are rendered.
    let focus_on = move |selector: &'static str| {
        spawn_local(async move {
            let part = container
                .get_untracked()
                .and_then(|container| container.parent_element());
            let field = part.and_then(|part| find(&part, selector));
            field.iter().for_each(focus);
        });
    };
    let add = move |_| {
        rows.add();
        focus_on(".field-row:last-child input");
    };
    let error_id = move |key: usize| form.id(&["error-header-", &key.to_string()].concat());
    let row = move |row: FieldRow| {
        let field = move |name: &'static str| {
            let is_name = name == "name";
            let signal = if is_name { row.name } else { row.value };
            let of_draft = if is_name {
                DraftField::HeaderName
            } else {
                DraftField::HeaderValue
            };
            let is_invalid = flag(move || {
                let index = rows.index(row.key).filter(|_| is_header);
                index.is_some_and(|index| form.is_invalid(of_draft(index)))
            });
            // The server renders no error, and numbers its rows otherwise.
            let error = move || is_invalid.get().map(|_| error_id(row.key));
            let class = [kind, "-", name].concat();
            view! {
                <input class=class.clone() name=is_header.then_some(class) value=signal.get_untracked() aria-label=label(name) placeholder=label(name)
                    aria-invalid=is_invalid aria-errormessage=error list=(is_header && is_name).then_some("header-names")
                    spellcheck="false" autocapitalize="off" autocomplete="off"
                    prop:value=signal on:input=listener(move |event| {
                        signal.set(event_target_value(&event));
                        changed();
                    })/>
            }
        };
        let remove = move |_| {
            rows.remove(row.key);
            changed();
            focus_on(".field-row:not([data-spare]) input, .field-add");
        };
        let errors = is_header.then(|| {
            field_errors(form, error_id(row.key), move |field| match field {
                DraftField::HeaderName(index) | DraftField::HeaderValue(index) => {
                    rows.index(row.key) == Some(index)
                }
                _ => false,
            })
        });
        view! {
            <div class="field-row" data-spare=move || row.is_spare.get().then_some("")>
                {field("name")}{field("value")}
                <button type="button" class="icon-button field-remove script-only" aria-label=label("remove") on:click=listener(remove)><Icon shapes=REMOVE/></button>
                {errors}
            </div>
        }
    };
    view! {
        <div class="field-rows" node_ref=container>
            <For each=move || rows.rows.get() key=|row| row.key children=row/>
        </div>
        <button type="button" class="tool-button field-add script-only" on:click=listener(add)>
            {server_view(|| view! { <Icon shapes=ADD/><span>{label("add")}</span> })}
        </button>
    }
}

/// Renders the fields for the prediction of the reader.
pub(super) fn prediction(form: Form) -> impl IntoView {
    const STATUSES: [&str; 16] = [
        "200", "201", "204", "304", "400", "401", "403", "404", "405", "406", "409", "412", "415",
        "422", "428", "503",
    ];
    let (status, changes) = form.predicted;
    let statuses = || {
        let statuses = STATUSES.map(|status| view! { <option>{status}</option> });
        statuses.collect_view()
    };
    view! {
        <fieldset class="request-predict">
            {server_view(|| view! { <legend>{form.message("predict-title")}</legend> })}
            <label>
                {server_view(|| view! { <span>{form.message("predict-status")}</span> })}" "
                <select name="predicted-status" on:change=listener(write_to(status))>
                    {server_view(|| view! { <option value="">{form.message("predict-choose")}</option>{statuses()} })}
                </select>
            </label>
            <label>
                {server_view(|| view! { <span>{form.message("predict-changes")}</span> })}" "
                <select name="predicted-changes" on:change=listener(write_to(changes))>
                    {server_view(|| {
                        view! {
                            <option value="">{form.message("predict-choose")}</option>
                            <option value="no">{form.message("predict-no")}</option>
                            <option value="yes">{form.message("predict-yes")}</option>
                        }
                    })}
                </select>
            </label>
        </fieldset>
    }
}

impl Form {
    /// Changes the method. One that usually has a body opens it, with a media type in place.
    fn change_method(self, method: String) {
        let previous = self.draft.method.get_untracked();
        self.draft.method.set(method.clone());
        let draft = untrack(|| self.draft.read());
        if let Some(media_type) = draft.content_type_for_method(&previous) {
            self.draft.headers.write_value("Content-Type", media_type);
        }
        if ["POST", "PUT", "PATCH"].contains(&method.as_str()) {
            self.tab.set("body".to_owned());
        }
    }
}
