//! Views that are never hydrated: what is shown after a visitor has done something, and may be rendered on the server too.
//!
//! A view of Leptos has code to be rendered on the server, to be hydrated, to be changed and to be created. In the browser
//! these need the last only; the rest was a third of the module. Their type is always the same, so a view that contains
//! itself can be one.

use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::{Mountable, Position, PositionState};
use send_wrapper::SendWrapper;

/// A view that is not hydrated. In the browser it replaces the one before it as a whole.
pub struct Unhydrated(UnhydratedView);

enum UnhydratedView {
    /// On the server.
    View(AnyView),
    /// In the browser.
    Created(SendWrapper<Created>),
}

/// The elements of a view.
pub struct Created(Box<dyn Mountable>);

/// Returns the view as one that is not hydrated. In the browser its elements are created.
pub fn unhydrated(view: impl IntoView + 'static) -> Unhydrated {
    Unhydrated(if cfg!(target_arch = "wasm32") {
        UnhydratedView::Created(SendWrapper::new(Created(Box::new(view.build()))))
    } else {
        UnhydratedView::View(view.into_any())
    })
}

impl Mountable for Created {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.0.elements()
    }
}

impl Render for Unhydrated {
    type State = Created;

    fn build(self) -> Created {
        match self.0 {
            UnhydratedView::Created(created) => created.take(),
            UnhydratedView::View(_) => unreachable!("the server creates no elements"),
        }
    }

    fn rebuild(self, state: &mut Created) {
        let mut created = self.build();
        state.insert_before_this(&mut created);
        state.unmount();
        *state = created;
    }
}

leptos::tachys::no_attrs!(Unhydrated);

impl RenderHtml for Unhydrated {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn html_len(&self) -> usize {
        match &self.0 {
            UnhydratedView::View(view) => view.html_len(),
            UnhydratedView::Created(_) => 0,
        }
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
        if let UnhydratedView::View(view) = self.0 {
            view.to_html_with_buf(buffer, position, escape, mark_branches, attributes);
        }
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Created {
        unreachable!("an island has it only after it is hydrated");
    }

    fn into_owned(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_renders_the_view() {
        let inner = vec![unhydrated(view! { <b>"1"</b> }), unhydrated("2")];
        let html = unhydrated(view! { <p>{inner}</p> }).to_html();
        assert_eq!(html.replace("<!>", ""), "<p><b>1</b>2</p>");
    }
}
