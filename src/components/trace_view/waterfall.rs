//! The waterfall of a trace: a row for each step, with a bar that begins when the step began and is as long
//! as the step took by itself.

use leptos::prelude::*;

use super::sql::{StatementView, effect_text};
use super::texts::{TraceTranslations, kind_key, name_view};
use crate::model::measure::duration;
use crate::model::messages::MessageCatalog;
use crate::model::sql_text::statement_name;
use crate::model::trace::{OutlineEntry, StepKind, StepNode, StepOutcome, TraceStep};

/// The shortest bar, in percent of the whole time.
const SHORTEST_BAR: f64 = 1.5;

/// What the rows of a waterfall have in common.
pub(super) struct Waterfall {
    /// The index of the step that decided the response.
    pub(super) deciding: Option<usize>,
    /// The id of that step on the page.
    pub(super) deciding_id: String,
    /// The time of the whole request, in microseconds.
    pub(super) total: u64,
    pub(super) translations: TraceTranslations,
    pub(super) words: MessageCatalog,
}

impl Waterfall {
    /// Renders an entry of the outline: a step, or a row that opens to show the layers that passed.
    pub(super) fn entry(&self, entry: &OutlineEntry<'_>) -> AnyView {
        let layers = match entry {
            OutlineEntry::Step(node) => return self.step(node),
            OutlineEntry::PassedLayers(layers) => layers,
        };
        let own: u64 = layers.iter().map(StepNode::own_with_inner).sum();
        let at = layers.first().map_or(0, |first| first.step.at);
        let count = layers.len().to_string();
        let steps = layers.iter().map(|node| self.step(node)).collect_view();
        let text = self.words.with("trace-layers", &[("count", &count)]);
        view! {
            <li class="trace-layers">
                <details>
                    <summary class="step-row">
                        <span class="step-mark" aria-hidden="true">"✓"</span>
                        <span class="step-kind">{self.words.get(kind_key(StepKind::Layer))}</span>
                        <span class="step-what">{text}</span>
                        {self.bar(at, own)}
                        <span class="step-time">{duration(own)}</span>
                    </summary>
                    <ol class="step-inner">{steps}</ol>
                </details>
            </li>
        }
        .into_any()
    }

    /// Renders a step with the steps inside it.
    fn step(&self, node: &StepNode<'_>) -> AnyView {
        let step = node.step;
        let is_deciding = self.deciding == Some(node.index);
        let outcome = match step.outcome {
            StepOutcome::Passed => "step step-passed",
            StepOutcome::Stopped => "step step-stopped",
            StepOutcome::Unreached => "step step-unreached",
        };
        let deciding = if is_deciding { " step-deciding" } else { "" };
        let kind = match step.kind {
            StepKind::Sql => " step-statement",
            _ => "",
        };
        let class = [outcome, deciding, kind].concat();
        let id = is_deciding.then(|| self.deciding_id.clone());
        let row = self.row(node, is_deciding);
        let statement = step.sql.as_deref();
        let statement = statement.and_then(|sql| StatementView::new(&step.name, sql));
        let row = match statement {
            None => view! { <div class="step-row">{row}</div> }.into_any(),
            Some(statement) => {
                let label = self.words.get("trace-statement");
                view! {
                    <details class="step-sql" open=statement.is_short()>
                        <summary class="step-row">{row}</summary>
                        {statement.view(&label)}
                    </details>
                }
                .into_any()
            }
        };
        let inner = node.inner.iter().map(|inner| self.step(inner));
        let inner = inner.collect_view();
        let inner = (!node.inner.is_empty()).then(|| view! { <ol class="step-inner">{inner}</ol> });
        view! { <li class=class id=id>{row}{inner}</li> }.into_any()
    }

    /// Renders the row of a step.
    fn row(&self, node: &StepNode<'_>, is_deciding: bool) -> impl IntoView + use<> {
        let step = node.step;
        let (mark, word) = match step.outcome {
            StepOutcome::Passed => ("✓", "trace-passed"),
            StepOutcome::Stopped => ("✗", "trace-stopped"),
            StepOutcome::Unreached => ("·", "trace-unreached"),
        };
        let label = match (step.outcome, is_deciding) {
            (StepOutcome::Stopped, _) => Some("trace-label-stopped"),
            (StepOutcome::Unreached, _) => Some("trace-label-unreached"),
            (StepOutcome::Passed, true) => Some("trace-label-deciding"),
            (StepOutcome::Passed, false) => None,
        };
        let label =
            label.map(|key| view! { " " <span class="step-label">{self.words.get(key)}</span> });
        let is_timed = step.outcome != StepOutcome::Unreached && step.took > 0;
        view! {
            <span class="step-mark" aria-hidden="true">{mark}</span>
            <span class="visually-hidden">{self.words.get(word)}</span>
            <span class="step-kind">{self.words.get(kind_key(step.kind))}</span>
            <span class="step-what">{self.what(step)}{label}</span>
            {is_timed.then(|| self.bar(step.at, node.own))}
            <span class="step-time">{is_timed.then(|| duration(node.own))}</span>
        }
    }

    /// Renders name and detail of a step.
    fn what(&self, step: &TraceStep) -> AnyView {
        let Some(sql) = step.sql.as_deref() else {
            let detail = step.detail.as_deref();
            let detail = detail.map(|detail| self.detail(detail));
            return view! { {name_view(step, &self.translations)}{detail} }.into_any();
        };
        let name = statement_name(&step.name);
        let effect = effect_text(&step.name, sql, &self.words);
        let effect = effect.map(|text| view! { " " <span class="step-detail">{text}</span> });
        let error = step.detail.as_deref();
        let error = error.map(|error| self.detail(error));
        view! { <code>{name}</code>{effect}{error} }.into_any()
    }

    /// Renders a detail in the language of the page; marked as English where there is no translation.
    fn detail(&self, detail: &str) -> impl IntoView + use<> {
        let translated = self.translations.find(detail);
        let lang = translated.is_none().then_some("en");
        let text = translated.unwrap_or_else(|| detail.to_owned());
        view! { " " <span lang=lang class="step-detail">{text}</span> }
    }

    /// Renders the bar of a step that began at `at` and took `own` by itself, both in microseconds.
    fn bar(&self, at: u64, own: u64) -> impl IntoView + use<> {
        let percent = |time: u64| time as f64 / self.total.max(1) as f64 * 100.0;
        let width = percent(own).clamp(SHORTEST_BAR, 100.0);
        let x = percent(at).min(100.0 - width);
        view! {
            <svg class="step-bar" aria-hidden="true">
                <rect x=format!("{x:.1}%") width=format!("{width:.1}%") height="100%" rx="2"></rect>
            </svg>
        }
    }
}
