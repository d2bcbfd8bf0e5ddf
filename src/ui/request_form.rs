//! A request as a form: plain inputs that hold the author's example at first, so that the browser
//! itself can put it back, and that the server reads without scripts.

use leptos::prelude::*;

use crate::model::html::escape;
use crate::model::http::{
    FindingKind, METHODS, Mutation, QueryParameter, RequestDraft, TargetError, path_values,
    query_parameters,
};
use crate::model::messages::MessageCatalog;
use crate::snippet::SnippetLanguage;

/// What a request form has besides the request.
#[derive(Clone, Debug, Default)]
pub struct FormExtras {
    /// Name and label of each value that the reader gives.
    pub prompts: Vec<(String, String)>,
    /// Whether the reader says beforehand what will happen.
    pub predict: bool,
    /// The name by which later requests take from the response.
    pub name: Option<String>,
    /// Whether a redirection is shown and not followed.
    pub no_redirect: bool,
    /// Whether it is sent without cookies.
    pub no_cookies: bool,
    /// What the author says about it.
    pub notes: Vec<String>,
    /// What can be filled in one by one.
    pub parts: Option<FormParts>,
    /// `SECTION/SLUG#BLOCK` where it stands in a lesson.
    pub lesson: Option<String>,
}

/// The parts of a target with a field of their own.
#[derive(Clone, Debug, Default)]
pub struct FormParts {
    /// The path as the API documents it, names between braces.
    pub template: String,
    /// The parameters that its query may have.
    pub query: Vec<String>,
    /// Whether they are shown from the beginning.
    pub open: bool,
}

impl FormParts {
    /// Whether the path or the query has anything with a name.
    #[must_use]
    pub fn has_names(&self) -> bool {
        self.template.contains('{') || !self.query.is_empty()
    }
}

/// Method, target, headers and body of a draft, and what can be done with them.
#[component]
pub fn RequestForm(
    /// Unique on the page; the fragment that leads to the form.
    #[prop(into)]
    id: String,
    /// Names the form; unique on the page.
    title: String,
    /// What the fields hold at first.
    draft: RequestDraft,
    /// Where the form goes without scripts.
    action: String,
    /// What else there is.
    #[prop(optional)]
    extras: FormExtras,
    /// The messages with the prefix `request-`.
    words: MessageCatalog,
) -> impl IntoView {
    let part = |name: &str| format!("{id}-{name}");
    let (form_id, title_id, body_label) = (part("form"), part("title"), part("body"));
    let check_id = part("check");
    let mutations = mutations(&draft, &words);
    let forms =
        SnippetLanguage::ALL.map(|form| view! { <option value=form.slug()>{form.name()}</option> });
    let forms = forms.collect_view();
    let methods = METHODS.iter().map(|method| (*method).to_owned());
    let other = (!METHODS.contains(&draft.method.as_str())).then(|| draft.method.clone());
    let options = methods
        .chain(other)
        .map(|method| {
            let selected = method == draft.method;
            view! { <option selected=selected>{method}</option> }
        })
        .collect_view();
    let spare = std::iter::once((String::new(), String::new()));
    let rows = draft
        .headers
        .iter()
        .map(|header| (header.name.clone(), header.value.clone()))
        .chain(spare)
        .map(|(name, value)| view! { <FieldRow kind="header" name=name value=value words=words.clone()/> })
        .collect_view();
    let parts = extras.parts.as_ref();
    let parts = parts.map(|parts| target_parts(&id, &draft.target, parts, &words));
    let labelled = title_id.clone();
    let notes = extras
        .notes
        .into_iter()
        .map(|note| view! { <p class="request-note">{note}</p> });
    let notes = notes.collect_view();
    let credentials = ["session", "bearer", "none"].map(|name| {
        let selected = (name == "none") == extras.no_cookies && name != "bearer";
        let text = words.get(&format!("request-credentials-{name}"));
        view! { <option value=name selected=selected>{text}</option> }
    });
    let (has_headers, has_body) = (!draft.headers.is_empty(), !draft.body.is_empty());
    // The renderer does not escape the text of a textarea, and a browser drops its first line break.
    let body = ["\n", &escape(&draft.body)].concat();
    let lines = draft.body.lines().count().clamp(3, 14).to_string();
    let described = check_id.clone();
    view! {
        <section id=id.clone() aria-labelledby=labelled>
            <p class="visually-hidden" id=title_id>{title}</p>
            <form class="request-form" id=form_id method="post" action=action
                data-name=extras.name data-lesson=extras.lesson data-no-redirect=extras.no_redirect.then_some("")>
                {notes}
                {prompts(&id, extras.prompts)}
                <div class="request-line">
                    <select name="method" class="method-select" data-method=draft.method.clone() aria-label=words.get("request-method")>
                        {options}
                    </select>
                    <input name="target" class="target-input" value=draft.target aria-label=words.get("request-target")
                        spellcheck="false" autocapitalize="off" autocomplete="off"/>
                    <button type="submit" class="button primary send">{words.get("request-send")}</button>
                    <a class="skip-response" href=format!("#{}", part("response"))>{words.get("request-to-response")}</a>
                </div>
                {parts}
                <details class="request-headers" open=has_headers>
                    <summary>{words.get("request-headers")}</summary>
                    <div class="field-rows">{rows}</div>
                    <button type="button" class="link-button" data-do="add-row">{words.get("request-header-add")}</button>
                </details>
                <details class="request-body" open=has_body>
                    <summary id=body_label.clone()>{words.get("request-body")}</summary>
                    <div class="body-editor">
                        <pre class="body-paint" aria-hidden="true"><code></code></pre>
                        <textarea class="body-input" name="body" rows=lines aria-labelledby=body_label aria-describedby=described
                            spellcheck="false" autocapitalize="off" autocomplete="off" inner_html=body></textarea>
                    </div>
                    <button type="button" class="link-button" data-do="format">{words.get("request-format")}</button>
                    <p class="body-check" id=check_id role="status"></p>
                </details>
                {extras.predict.then(|| prediction(&words))}
                <div class="request-actions">
                    <details class="request-code">
                        <summary>{words.get("request-code")}</summary>
                        <select class="code-form" aria-label=words.get("request-code-form")>{forms}</select>
                        <button type="button" class="link-button" data-do="code">{words.get("copy-code")}</button>
                        <pre class="code" tabindex="0"><code></code></pre>
                    </details>
                    <details class="request-break">
                        <summary>{words.get("request-break")}</summary>
                        <div class="request-mutations">{mutations}</div>
                    </details>
                    <button type="button" class="link-button" data-do="reset">{words.get("request-reset")}</button>
                    <button type="button" class="link-button" data-do="curl">{words.get("request-curl")}</button>
                    <button type="button" class="link-button" data-do="link">{words.get("request-link")}</button>
                    <label class="request-credentials">{words.get("request-credentials")}" "
                        <select name="credentials">
                            {credentials.collect_view()}
                        </select>
                    </label>
                    <span class="quiet hint">{words.get("request-hint")}</span>
                </div>
            </form>
            <div id=part("response") tabindex="-1"></div>
        </section>
    }
}

/// A labelled input for each value that the reader gives.
fn prompts(id: &str, prompts: Vec<(String, String)>) -> impl IntoView + use<> {
    let prompts: Vec<_> = prompts
        .into_iter()
        .map(|(name, label)| {
            let field = format!("{id}-prompt-{name}");
            let kind = if name.contains("password") { "password" } else { "text" };
            let label = if label.is_empty() { name.clone() } else { label };
            view! {
                <div class="part-row">
                    <label for=field.clone()>{label.clone()}</label>
                    <input id=field name=format!("prompt-{name}") data-label=label type=kind autocomplete="off" spellcheck="false" autocapitalize="off"/>
                </div>
            }
        })
        .collect();
    (!prompts.is_empty()).then(|| view! { <div class="part-rows request-prompts">{prompts}</div> })
}

/// A labelled field for each value in the path and each parameter that the query may have, and a row
/// for any other. Without scripts the target has them all.
fn target_parts(
    id: &str,
    target: &str,
    parts: &FormParts,
    words: &MessageCatalog,
) -> impl IntoView + use<> {
    let (template, open) = (parts.template.clone(), parts.open);
    let field = |kind: &str, name: &str, value: String| {
        let (field, name) = (format!("{id}-{kind}-{name}"), name.to_owned());
        let label = words.get(&format!("request-part-{kind}"));
        let (path, query) = match kind {
            "path" => (Some(name.clone()), None),
            _ => (None, Some(name.clone())),
        };
        view! {
            <div class="part-row">
                <label for=field.clone()><code>{name}</code>" "<span class="quiet">{label}</span></label>
                <input id=field value=value data-path=path data-query=query
                    spellcheck="false" autocapitalize="off" autocomplete="off"/>
            </div>
        }
    };
    let names = template.split(['{', '}']).skip(1).step_by(2);
    let values = path_values(target, &template).unwrap_or_default();
    let values = values
        .into_iter()
        .chain(std::iter::repeat_with(String::new));
    let path: Vec<_> = names
        .zip(values)
        .map(|(name, value)| field("path", name, value))
        .collect();
    let mut given = query_parameters(target);
    let query: Vec<_> = parts
        .query
        .iter()
        .map(|name| {
            let at = given.iter().position(|(given, _)| given == name);
            let value = at.map(|at| given.remove(at).1);
            field("query", name, value.unwrap_or_default())
        })
        .collect();
    given.push(QueryParameter::default());
    let rows = given.into_iter().map(
        |(name, value)| view! { <FieldRow kind="query" name=name value=value words=words.clone()/> },
    );
    let rows = rows.collect_view();
    view! {
        <details class="request-parts" data-template=template open=open>
            <summary>{words.get("request-parts")}</summary>
            <div class="part-rows">{path}{query}</div>
            <div class="field-rows">{rows}</div>
            <button type="button" class="link-button" data-do="add-row">{words.get("request-query-add")}</button>
        </details>
    }
}

/// What the reader says will happen.
fn prediction(words: &MessageCatalog) -> impl IntoView + use<> {
    const STATUSES: [&str; 11] = [
        "200", "201", "204", "304", "400", "401", "404", "409", "412", "415", "422",
    ];
    let statuses = STATUSES.map(|status| view! { <option>{status}</option> });
    view! {
        <fieldset class="request-predict">
            <legend>{words.get("predict-title")}</legend>
            <label>{words.get("predict-status")}" "
                <select name="predicted-status">
                    <option value="">{words.get("predict-choose")}</option>
                    {statuses.collect_view()}
                </select>
            </label>
            <label>{words.get("predict-changes")}" "
                <select name="predicted-changes">
                    <option value="no">{words.get("predict-no")}</option>
                    <option value="yes">{words.get("predict-yes")}</option>
                </select>
            </label>
        </fieldset>
    }
}

/// A submit button for each mutation that applies to the request.
fn mutations(draft: &RequestDraft, words: &MessageCatalog) -> impl IntoView + use<> {
    let words = words.clone();
    Mutation::ALL
        .into_iter()
        .filter(|mutation| mutation.apply(draft).is_some())
        .map(|mutation| {
            let text = words.get(&format!("request-mutation-{}", mutation.name()));
            view! { <button type="submit" class="button" name="mutation" value=mutation.name()>{text}</button> }
        })
        .collect_view()
}

/// A line of a name and a value; `kind` is `header` or `query`. The lines of a query are sent in the
/// target. One without a name is spare.
#[component]
fn FieldRow(
    kind: &'static str,
    name: String,
    value: String,
    words: MessageCatalog,
) -> impl IntoView {
    let spare = name.is_empty().then_some("");
    let is_header = kind == "header";
    let part = |part: &str| format!("{kind}-{part}");
    let sent = |name: &str| is_header.then(|| part(name));
    let label = |name: &str| words.get(&format!("request-{kind}-{name}"));
    view! {
        <div class="field-row" data-spare=spare>
            <input class=part("name") name=sent("name") value=name aria-label=label("name") placeholder=label("name")
                list=is_header.then_some("header-names") spellcheck="false" autocapitalize="off" autocomplete="off"/>
            <input class=part("value") name=sent("value") value=value aria-label=label("value") placeholder=label("value")
                spellcheck="false" autocapitalize="off" autocomplete="off"/>
            <button type="button" class="link-button field-remove" data-remove="" aria-label=label("remove")>"×"</button>
        </div>
    }
}

/// The names that a header's input completes; once on a page that has request forms.
#[component]
pub fn HeaderNames() -> impl IntoView {
    const NAMES: [&str; 10] = [
        "Accept",
        "Accept-Language",
        "Authorization",
        "Content-Type",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Range",
        "Sandbox-Key",
        "User-Agent",
    ];
    let names = NAMES.map(|name| view! { <option value=name></option> });
    view! { <datalist id="header-names">{names.collect_view()}</datalist> }
}

/// The key of the words that say what is wrong with a field.
pub fn problem_key(problem: FindingKind) -> &'static str {
    match problem {
        FindingKind::MethodMalformed => "problem-method",
        FindingKind::MethodForbidden => "problem-method-forbidden",
        FindingKind::Target(TargetError::NotAPath) => "problem-target-path",
        FindingKind::Target(TargetError::OtherHost) => "problem-target-host",
        FindingKind::Target(TargetError::Backslash | TargetError::ControlCharacter) => {
            "problem-target-character"
        }
        FindingKind::Target(TargetError::Fragment) => "problem-target-fragment",
        FindingKind::Target(TargetError::OutsideApi) => "problem-target-outside",
        FindingKind::Target(TargetError::EventStream) => "problem-target-stream",
        FindingKind::HeaderNameMalformed => "problem-header-name",
        FindingKind::HeaderForbidden => "problem-header-forbidden",
        FindingKind::HeaderValueMalformed => "problem-header-value",
        FindingKind::HeaderValueNotLatin1 => "problem-header-latin",
        FindingKind::TargetTooLong => "problem-target-long",
        FindingKind::TooManyHeaders => "problem-headers-many",
        FindingKind::HeadersTooLong => "problem-headers-long",
        FindingKind::BodyForbidden => "problem-body-forbidden",
    }
}
