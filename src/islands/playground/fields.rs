//! The fields of a request form.

use leptos::ev::Event;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::form::{Form, flag, write_to};
use super::placeholders::Prompt;
use super::state::{FieldRow, FieldRows};
use crate::components::body_tree::spans_view;
use crate::components::{FormParts, json_spans};
use crate::http_file::{RequestCredentials, format_json, json_error};
use crate::islands::dom::{find, focus, set};
use crate::islands::island_data::hydrated;
use crate::model::html::escape;
use crate::model::http::{DraftField, METHODS, is_json_type, path_values, with_path_value};

/// The most bytes of a body that are colored with every key.
const COLORED_MAX: usize = 8 * 1024;

/// Renders the list of methods.
pub(super) fn method_select(form: Form, example: String) -> impl IntoView {
    let method = form.draft.method;
    let select = NodeRef::<html::Select>::new();
    let other = RwSignal::new(Some(example.clone()).filter(|it| !METHODS.contains(&it.as_str())));
    Effect::new(move |_| {
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
        .map(|name| view! { <option selected=name == example>{name}</option> })
        .collect_view();
    let other = move || {
        other
            .get()
            .map(|name| view! { <option selected>{name}</option> })
    };
    view! {
        <select name="method" class="method-select" data-method=example.clone() node_ref=select
            aria-label=form.message("request-method") aria-invalid=flag(move || form.is_invalid(DraftField::Method))
            aria-errormessage=form.error_id() on:change=write_to(method)>
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
            view! {
                <div class="part-row">
                    <label for=field.clone()>{label}</label>
                    <input id=field name=["prompt-", &name].concat() type=kind autocomplete="off" spellcheck="false" autocapitalize="off"
                        aria-invalid=flag(move || form.is_missing(&own)) aria-errormessage=form.error_id()
                        prop:value=value on:input=write_to(value)/>
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
    let query = query.into_iter().enumerate().map(|(at, name)| {
        let value = Signal::derive(move || draft.named.with(|named| named[at].clone()));
        let write = move |event: Event| draft.write_parameter(at, event_target_value(&event));
        view! { <div class="part-row">{part_field(form, "query", name, value, write)}</div> }
    });
    let query = query.collect_view();
    view! {
        <details class="request-parts" open=open>
            <summary>{form.message("request-parts")}</summary>
            <div class="part-rows">{path}{query}</div>
            {rows(form, "query", draft.query)}
        </details>
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
    let field = form.id(&[kind, "-", &name].concat());
    let label = form.message(&["request-part-", kind].concat());
    let of_kind = |wanted: &str| (kind == wanted).then(|| name.clone());
    view! {
        <label for=field.clone()><code>{name.clone()}</code>" "<span class="quiet">{label}</span></label>
        <input id=field value=value.get_untracked() data-path=of_kind("path") data-query=of_kind("query")
            spellcheck="false" autocapitalize="off" autocomplete="off" prop:value=value on:input=write/>
    }
}

/// Renders the headers.
pub(super) fn headers(form: Form, is_open: bool) -> impl IntoView {
    view! {
        <details class="request-headers" open=is_open>
            <summary>{form.message("request-headers")}</summary>
            {rows(form, "header", form.draft.headers)}
        </details>
    }
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
            let class = [kind, "-", name].concat();
            view! {
                <input class=class.clone() name=is_header.then_some(class) value=signal.get_untracked() aria-label=label(name) placeholder=label(name)
                    aria-invalid=is_invalid aria-errormessage=form.error_id() list=(is_header && is_name).then_some("header-names")
                    spellcheck="false" autocapitalize="off" autocomplete="off"
                    prop:value=signal on:input=move |event| {
                        signal.set(event_target_value(&event));
                        changed();
                    }/>
            }
        };
        let remove = move |_| {
            rows.remove(row.key);
            changed();
            focus_on(".field-row:not([data-spare]) input, .field-add");
        };
        view! {
            <div class="field-row" data-spare=move || row.is_spare.get().then_some("")>
                {field("name")}{field("value")}
                <button type="button" class="link-button field-remove script-only" aria-label=label("remove") on:click=remove>"×"</button>
            </div>
        }
    };
    view! {
        <div class="field-rows" node_ref=container>
            <For each=move || rows.rows.get() key=|row| row.key children=row/>
        </div>
        <button type="button" class="link-button field-add script-only" on:click=add>{label("add")}</button>
    }
}

/// Renders the body, which is colored, checked and formatted.
pub(super) fn body_editor(form: Form, example: String) -> impl IntoView {
    let body = form.draft.body;
    let picture = NodeRef::<html::Pre>::new();
    let field = NodeRef::<html::Textarea>::new();
    let is_hydrated = hydrated();
    let is_colored = Signal::derive(move || {
        let is_json = |body: &String| body.trim_start().starts_with(['{', '[']);
        is_hydrated.get() && body.with(|body| body.len() <= COLORED_MAX && is_json(body))
    });
    let colors = move || {
        is_colored
            .get()
            .then(|| body.with(|body| spans_view(json_spans(body))))
    };
    let scroll_picture = move || {
        if let (Some(field), Some(picture)) = (field.get_untracked(), picture.get_untracked()) {
            picture.set_scroll_top(field.scroll_top());
            picture.set_scroll_left(field.scroll_left());
        }
    };
    Effect::new(move |_| {
        body.track();
        spawn_local(async move { scroll_picture() });
    });
    let check = move || form.json_problem.set(json_problem(form));
    let format = move |_| {
        if let Some(text) = format_json(&body.get_untracked()) {
            body.set(text);
        }
        check();
    };
    let lines = example.lines().count().clamp(3, 14).to_string();
    // The renderer does not escape the text of a textarea, and a browser drops its first line break.
    let text = ["\n", &escape(&example)].concat();
    view! {
        <details class="request-body" open=!example.is_empty()>
            <summary id=form.id("body")>{form.message("request-body")}</summary>
            <div class="body-editor">
                <pre class="body-paint" aria-hidden="true" node_ref=picture><code>{colors}</code></pre>
                <textarea class="body-input" name="body" rows=lines aria-labelledby=form.id("body") aria-describedby=form.id("check")
                    aria-invalid=flag(move || form.is_invalid(DraftField::Body)) aria-errormessage=form.error_id()
                    spellcheck="false" autocapitalize="off" autocomplete="off" data-painted=move || is_colored.get().then_some("")
                    inner_html=text node_ref=field prop:value=body on:input=write_to(body)
                    on:change=move |_| check() on:scroll=move |_| scroll_picture()></textarea>
            </div>
            <button type="button" class="link-button script-only" on:click=format>{form.message("request-format")}</button>
            <p class="body-check" id=form.id("check") role="status">{move || form.json_problem.get()}</p>
        </details>
    }
}

/// Returns what is wrong with the body, if it is declared as JSON.
fn json_problem(form: Form) -> Option<String> {
    let draft = untrack(|| form.draft.read());
    let is_json = draft.header("content-type").is_some_and(is_json_type);
    let error = json_error(&draft.body).filter(|_| is_json && !draft.body.is_empty())?;
    let (line, column) = (error.line.to_string(), error.column.to_string());
    let values = [("line", line.as_str()), ("column", &column)];
    Some(form.message_with("request-json-wrong", &values))
}

/// Renders the fields for the prediction of the reader.
pub(super) fn prediction(form: Form) -> impl IntoView {
    const STATUSES: [&str; 11] = [
        "200", "201", "204", "304", "400", "401", "404", "409", "412", "415", "422",
    ];
    let (status, changes) = form.predicted;
    let statuses = STATUSES.map(|status| view! { <option>{status}</option> });
    view! {
        <fieldset class="request-predict">
            <legend>{form.message("predict-title")}</legend>
            <label>{form.message("predict-status")}" "
                <select name="predicted-status" on:change=write_to(status)>
                    <option value="">{form.message("predict-choose")}</option>
                    {statuses.collect_view()}
                </select>
            </label>
            <label>{form.message("predict-changes")}" "
                <select name="predicted-changes" on:change=write_to(changes)>
                    <option value="no">{form.message("predict-no")}</option>
                    <option value="yes">{form.message("predict-yes")}</option>
                </select>
            </label>
        </fieldset>
    }
}

/// Renders the choice of credentials.
pub(super) fn credentials_select(form: Form, example: RequestCredentials) -> impl IntoView {
    let options = RequestCredentials::ALL.map(|credentials| {
        let name = credentials.name();
        let text = form.message(&["request-credentials-", name].concat());
        view! { <option value=name selected=credentials == example>{text}</option> }
    });
    view! {
        <label class="request-credentials">{form.message("request-credentials")}" "
            <select name="credentials" prop:value=form.credentials on:change=write_to(form.credentials)>{options.collect_view()}</select>
        </label>
    }
}
