//! Views that exist only in the browser: what is shown after a visitor has done something.
//!
//! A view of Leptos has code to be rendered on the server, to be hydrated, to be changed and to be created.
//! What is behind a condition that never holds on the server needs the last only; the rest was a third of the
//! module.

use leptos::prelude::*;
use leptos::tachys::hydration::Cursor;
use leptos::tachys::renderer::types::{Element, Node};
use leptos::tachys::view::{Mountable, Position, PositionState};
use send_wrapper::SendWrapper;

/// A view that was created in the browser. It replaces the one before it as a whole.
pub(super) struct BrowserView(SendWrapper<Created>);

/// The elements of a [`BrowserView`].
pub(super) struct Created(Box<dyn Mountable>);

/// Creates the elements of a view.
pub(super) fn browser_view(view: impl IntoView + 'static) -> BrowserView {
    BrowserView(SendWrapper::new(Created(Box::new(view.build()))))
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

impl Render for BrowserView {
    type State = Created;

    fn build(self) -> Created {
        self.0.take()
    }

    fn rebuild(self, state: &mut Created) {
        let mut created = self.build();
        state.insert_before_this(&mut created);
        state.unmount();
        *state = created;
    }
}

leptos::tachys::no_attrs!(BrowserView);

impl RenderHtml for BrowserView {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        _: &mut String,
        _: &mut Position,
        _: bool,
        _: bool,
        _: Vec<leptos::attr::any_attribute::AnyAttribute>,
    ) {
        unreachable!("a view of the browser is not rendered on the server");
    }

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Created {
        unreachable!("a view of the browser is not in the HTML of the server");
    }

    fn into_owned(self) -> Self {
        self
    }
}
