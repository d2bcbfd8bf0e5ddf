//! Parts of islands that stay as the server rendered them.
//!
//! What neither changes nor has listeners need not be hydrated, and then its code is not part of the module.

use leptos::attr::AttributeValue;
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::{Mountable, Position, PositionState};

/// An element that stays as the server rendered it, see [`server_view`].
pub(super) struct ServerView(Option<AnyView>);

/// Renders a view on the server, which the browser leaves as it is. It must be one element, or the last children of
/// their parent, and part of what the server renders.
pub(super) fn server_view<V: IntoView + 'static>(view: impl FnOnce() -> V) -> ServerView {
    // The browser never calls the function, so it is not part of the module.
    ServerView((!cfg!(target_arch = "wasm32")).then(|| view().into_any()))
}

/// The value of an attribute that stays as the server rendered it, see [`server_text`].
#[derive(Clone)]
pub(super) struct ServerText(Option<String>);

/// Renders the value of an attribute on the server, which the browser leaves as it is.
pub(super) fn server_text(text: impl FnOnce() -> String) -> ServerText {
    ServerText((!cfg!(target_arch = "wasm32")).then(text))
}

/// What the browser keeps of something that it leaves as it is.
pub(super) struct Unchanged;

impl Mountable for Unchanged {
    fn unmount(&mut self) {}

    fn mount(&mut self, _: &Element, _: Option<&Node>) {}

    fn insert_before_this(&self, _: &mut dyn Mountable) -> bool {
        false
    }

    fn elements(&self) -> Vec<Element> {
        Vec::new()
    }
}

impl Render for ServerView {
    type State = Unchanged;

    fn build(self) -> Unchanged {
        unreachable!("the server has rendered it");
    }

    fn rebuild(self, _: &mut Unchanged) {}
}

leptos::tachys::no_attrs!(ServerView);

impl RenderHtml for ServerView {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn html_len(&self) -> usize {
        self.0.as_ref().map_or(0, RenderHtml::html_len)
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        buffer: &mut String,
        position: &mut Position,
        escape: bool,
        mark_branches: bool,
        attributes: Vec<AnyAttribute>,
    ) {
        if let Some(view) = self.0 {
            view.to_html_with_buf(buffer, position, escape, mark_branches, attributes);
        }
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Unchanged {
        match position.get() {
            Position::FirstChild => cursor.child(),
            Position::Current => {}
            _ => cursor.sibling(),
        }
        position.set(Position::NextChild);
        Unchanged
    }

    fn into_owned(self) -> Self {
        self
    }
}

impl AttributeValue for ServerText {
    type AsyncOutput = Self;
    type State = ();
    type Cloneable = Self;
    type CloneableOwned = Self;

    fn html_len(&self) -> usize {
        AttributeValue::html_len(&self.0)
    }

    fn to_html(self, key: &str, buffer: &mut String) {
        AttributeValue::to_html(self.0, key, buffer);
    }

    fn to_template(_: &str, _: &mut String) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &str, _: &Element) {}

    // Leptos calls it for `data-` attributes in place of `hydrate`.
    fn build(self, _: &Element, _: &str) {}

    fn rebuild(self, _: &str, (): &mut ()) {}

    fn into_cloneable(self) -> Self {
        self
    }

    fn into_cloneable_owned(self) -> Self {
        self
    }

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_renders_the_view_and_the_text() {
        let view = view! {
            <label title=server_text(|| "\"A\"".to_owned())>
                {server_view(|| view! { <b>"one"</b> })}
                " "
                {server_view(|| view! { <i>"two"</i><u>"three"</u> })}
            </label>
        };
        assert_eq!(
            view.to_html().replace("<!>", ""),
            r#"<label title="&quot;A&quot;"><b>one</b> <i>two</i><u>three</u></label>"#
        );
    }
}
