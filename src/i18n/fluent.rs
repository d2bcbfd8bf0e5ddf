//! Parses Fluent files and resolves their messages.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use fluent_syntax::ast;

use crate::i18n::error::{I18nError, line, message_error};
use crate::model::locale::Locale;

/// The line and the variables of a message.
pub(super) struct MessageKey {
    line: usize,
    variables: BTreeSet<String>,
}

/// The messages of one file.
pub(super) struct FluentFile {
    locale: Locale,
    pub(super) keys: BTreeMap<String, MessageKey>,
    /// The texts by key; the text of a variant has the key `key[variable=variant]`.
    pub(super) texts: BTreeMap<String, String>,
}

impl FluentFile {
    /// Parses a file and resolves each message; variables become placeholders.
    pub(super) fn parse(locale: Locale, source: &str) -> Result<FluentFile, Vec<I18nError>> {
        let (resource, syntax_errors) = match fluent_syntax::parser::parse(source) {
            Ok(resource) => (resource, Vec::new()),
            Err((resource, syntax_errors)) => (resource, syntax_errors),
        };
        let mut errors: Vec<I18nError> = syntax_errors
            .iter()
            .map(|error| {
                let entry = error.slice.as_ref().unwrap_or(&error.pos);
                message_error(locale, line(source, entry.start), error.kind.to_string())
            })
            .collect();
        let mut bundle = FluentBundle::new(vec![locale.as_str().parse().expect("a language tag")]);
        bundle.set_use_isolating(false);
        let parsed = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(some, _)| some);
        // Overriding is harmless, because duplicate keys are reported with their lines below.
        bundle.add_resource_overriding(parsed);
        let mut messages = FluentFile {
            locale,
            keys: BTreeMap::new(),
            texts: BTreeMap::new(),
        };
        let line_ends: Vec<usize> = source.match_indices('\n').map(|(at, _)| at).collect();
        let mut resolved = Vec::new();
        for entry in &resource.body {
            let ast::Entry::Message(message) = entry else {
                continue;
            };
            let name = message.id.name;
            let offset = name.as_ptr().addr() - source.as_ptr().addr();
            let at = line_ends.partition_point(|end| *end < offset) + 1;
            let mut fail = |text: String| errors.push(message_error(locale, at, text));
            let Some(value) = &message.value else {
                fail(format!("key {name:?} has no text"));
                continue;
            };
            let mut variables = BTreeSet::new();
            collect_variables(value, &mut variables);
            match variants(name, value) {
                Ok(variants) => resolved.extend(variants.into_iter().map(|one| (at, one))),
                Err(text) => fail(text),
            }
            let key = MessageKey {
                line: at,
                variables,
            };
            if messages.keys.insert(name.to_owned(), key).is_some() {
                fail(format!("key {name:?} is defined twice"));
            }
        }
        let mut variables = FluentArgs::new();
        for name in messages.keys.values().flat_map(|key| &key.variables) {
            variables.set(name.clone(), FluentValue::from(format!("{{{name}}}")));
        }
        for (at, (key, pattern)) in &resolved {
            let mut format_errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(&variables), &mut format_errors);
            errors.extend(
                format_errors
                    .iter()
                    .map(|error| message_error(locale, *at, format!("key {key:?}: {error}"))),
            );
            messages.texts.insert(key.clone(), text.into_owned());
        }
        match errors.is_empty() {
            true => Ok(messages),
            false => Err(errors),
        }
    }

    /// Overrides messages by those of a content folder; returns an error for each unknown key or variable.
    pub(super) fn override_with(&mut self, own: FluentFile) -> Vec<I18nError> {
        let mut errors = Vec::new();
        for (name, key) in &own.keys {
            let fail = |text| message_error(self.locale, key.line, text);
            let Some(built_in) = self.keys.get(name) else {
                errors.push(fail(format!("key {name:?} is unknown: remove it")));
                continue;
            };
            for variable in key.variables.difference(&built_in.variables) {
                errors.push(fail(format!(
                    "key {name:?} has no variable ${variable}: correct its name"
                )));
            }
            let variant = format!("{name}[");
            self.texts
                .retain(|key, _| key != name && !key.starts_with(&variant));
        }
        self.texts.extend(own.texts);
        errors
    }
}

type Pattern<'s> = ast::Pattern<&'s str>;

/// Returns the texts of a message: one, or one for each variant of its selector. The text of the default
/// variant is also returned under the key of the message.
fn variants<'s>(name: &str, value: &Pattern<'s>) -> Result<Vec<(String, Pattern<'s>)>, String> {
    let is_selector = |element: &ast::PatternElement<&str>| {
        matches!(
            element,
            ast::PatternElement::Placeable {
                expression: ast::Expression::Select { .. }
            }
        )
    };
    let Some(at) = value.elements.iter().position(is_selector) else {
        return Ok(vec![(name.to_owned(), value.clone())]);
    };
    let ast::PatternElement::Placeable {
        expression: ast::Expression::Select { selector, variants },
    } = &value.elements[at]
    else {
        return Ok(Vec::new());
    };
    let ast::InlineExpression::VariableReference { id } = selector else {
        return Err(format!(
            "key {name:?}: the selector must be a variable: {{ $count -> … }}"
        ));
    };
    let mut texts = Vec::new();
    for variant in variants {
        let (ast::VariantKey::Identifier { name: case }
        | ast::VariantKey::NumberLiteral { value: case }) = &variant.key;
        let mut elements = value.elements.clone();
        elements.splice(at..=at, variant.value.elements.iter().cloned());
        if elements.iter().any(is_selector) {
            return Err(format!("key {name:?} has more than one selector"));
        }
        let key = format!("{name}[{}={case}]", id.name);
        let text = ast::Pattern { elements };
        if variant.default {
            texts.push((name.to_owned(), text.clone()));
        }
        texts.push((key, text));
    }
    Ok(texts)
}

/// Collects the variables of a pattern.
fn collect_variables(pattern: &Pattern<'_>, variables: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let ast::PatternElement::Placeable { expression } = element {
            collect_expression_variables(expression, variables);
        }
    }
}

fn collect_expression_variables(
    expression: &ast::Expression<&str>,
    variables: &mut BTreeSet<String>,
) {
    let inline = match expression {
        ast::Expression::Select { selector, variants } => {
            variants
                .iter()
                .for_each(|variant| collect_variables(&variant.value, variables));
            selector
        }
        ast::Expression::Inline(inline) => inline,
    };
    match inline {
        ast::InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
        }
        ast::InlineExpression::Placeable { expression } => {
            collect_expression_variables(expression, variables)
        }
        _ => {}
    }
}
