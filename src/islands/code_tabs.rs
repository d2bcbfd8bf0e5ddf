//! The same code in several languages, one shown at a time. A choice holds for every group of the page
//! and for the next pages.

use leptos::context::Provider;
use leptos::prelude::*;

use super::dom::{all, hydrate, local_storage, root};
use super::island_data::island_data;
use super::tabs::{TabGroup, TabList};

/// The key under which the choice is stored. The loader reads it too.
const CHOICE_KEY: &str = "routebook-tab";

/// The tab that every group of the page shows; one for the page.
#[derive(Clone, Copy)]
pub(super) struct TabChoice(RwSignal<Option<String>>);

impl TabChoice {
    /// Reads the stored choice.
    pub(super) fn stored() -> TabChoice {
        let choice =
            local_storage().and_then(|storage| storage.get_item(CHOICE_KEY).ok().flatten());
        TabChoice(RwSignal::new(choice))
    }

    /// Stores the choice.
    fn store(self, key: &str) {
        if let Some(storage) = local_storage() {
            // Where storage is refused or full, the choice holds for this page only.
            let _ = storage.set_item(CHOICE_KEY, key);
        }
    }
}

/// Tells the loader to hydrate the groups that nobody has used yet, so that they show the choice too.
fn hydrate_other_groups() {
    for group in all(&root(), "leptos-island:not([data-hydrated]) > .tabs") {
        hydrate(&group);
    }
}

/// Code in several languages.
#[component]
pub fn CodeTabs(
    /// The tabs.
    list: TabList,
    /// The panels, each with its key in `data-tab`.
    children: Children,
) -> impl IntoView {
    view! { <Provider value=list><CodeTabsIsland>{children()}</CodeTabsIsland></Provider> }
}

/// The island of [`CodeTabs`].
#[island]
pub fn CodeTabsIsland(
    /// The panels.
    children: Children,
) -> impl IntoView {
    let list = island_data::<TabList>();
    let choice = use_context::<TabChoice>();
    let chosen = choice.map_or_else(|| RwSignal::new(None), |choice| choice.0);
    Effect::new(move |before: Option<()>| {
        // Every group follows the choice; it is stored when it changes.
        if let (Some(choice), Some(key), Some(())) = (choice, chosen.get(), before) {
            choice.store(&key);
            hydrate_other_groups();
        }
    });
    view! { <TabGroup class="tabs" list=list chosen=chosen children=children/> }
}
