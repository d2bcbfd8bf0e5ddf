//! Tabs (ARIA Authoring Practices, "Tabs"): a list of buttons, each of which shows one of the panels
//! behind the list. The panels are server HTML; without scripts there is no list, and all are shown.
//! [`ExchangeIsland`] is around the tabs of an exchange, and opens a tab from links elsewhere in it.

use leptos::context::Provider;
use leptos::ev::{KeyboardEvent, MouseEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Serialize;
use web_sys::{Event, HtmlElement};

use super::dom::{all, bring_into_view, by_id, effect, focus, listener, set, target};
use super::island_data::{IslandData, data_attribute, hydrated, island_data};
use super::server_view::{server_text, server_view};
use crate::model::json::Json;

/// The list of a group of tabs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TabList {
    /// The start of the ids of tabs (`ID-KEY-tab`) and panels (`ID-KEY`); unique on the page.
    pub id: String,
    /// The accessible name of the list.
    pub label: String,
    /// The key of the tab that is selected at first.
    pub selected: String,
    /// Key and label of each tab.
    pub tabs: Vec<(String, String)>,
}

impl IslandData for TabList {
    fn from_json(json: &Json) -> Option<TabList> {
        let text = |name| json.member(name)?.as_text().map(str::to_owned);
        let Json::Array(tabs) = json.member("tabs")? else {
            return None;
        };
        let tab = |tab: &Json| match tab {
            Json::Array(pair) => {
                let text = |at| pair.get(at).and_then(Json::as_text).map(str::to_owned);
                Some((text(0)?, text(1)?))
            }
            _ => None,
        };
        Some(TabList {
            id: text("id")?,
            label: text("label")?,
            selected: text("selected")?,
            tabs: tabs.iter().map(tab).collect::<Option<_>>()?,
        })
    }
}

/// The tabs of a recorded exchange.
#[component]
pub fn ExchangeTabs(
    /// The tabs.
    list: TabList,
    /// The panels, each with its key in `data-tab`.
    children: Children,
) -> impl IntoView {
    view! { <Provider value=list><ExchangeTabsIsland>{children()}</ExchangeTabsIsland></Provider> }
}

/// The island of [`ExchangeTabs`].
#[island]
pub fn ExchangeTabsIsland(
    /// The panels.
    children: Children,
) -> impl IntoView {
    let list = island_data::<TabList>();
    let chosen = RwSignal::new(None);
    view! { <TabGroup class="exchange-tabs" list=list chosen=chosen children=children/> }
}

/// The island around everything that is shown of an exchange: links with `data-opens` open the tab with this
/// id, and lead to their target inside its panel.
#[island]
pub fn ExchangeIsland(
    /// What is shown of the exchange.
    children: Children,
) -> impl IntoView {
    view! { <div class="exchange-view" on:click=listener(move |event: MouseEvent| open_linked_tab(&event))>{children()}</div> }
}

/// Opens the tab that the clicked link names.
fn open_linked_tab(event: &Event) {
    let Some(link) = target(event, "a[data-opens]") else {
        return;
    };
    let tab = link.get_attribute("data-opens");
    let Some(tab) = tab.and_then(|id| by_id(&id)) else {
        return;
    };
    event.prevent_default();
    let goal = link.get_attribute("href");
    let goal = goal.and_then(|goal| by_id(goal.strip_prefix('#')?));
    // A panel is as good as its tab, which gets the focus; anything inside a panel is scrolled to.
    let goal = goal.filter(|goal| !goal.has_attribute("data-tab"));
    // Later, because the click on the tab is handled by the same listener.
    spawn_local(async move {
        tab.click();
        focus(&tab);
        if let Some(goal) = goal {
            request_animation_frame(move || bring_into_view(&goal));
        }
    });
}

/// A list of tabs with its panels. Where the chosen key is none of theirs, the first selection holds.
#[component]
pub(super) fn TabGroup(
    class: &'static str,
    list: TabList,
    chosen: RwSignal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let data = data_attribute(&list);
    let is_hydrated = hydrated();
    let (tabs, first) = (list.tabs.clone(), list.selected.clone());
    let selected = Signal::derive(move || {
        let chosen = chosen.get().filter(|_| is_hydrated.get());
        let chosen = chosen.filter(|chosen| tabs.iter().any(|(key, _)| key == chosen));
        chosen.unwrap_or_else(|| first.clone())
    });
    let group = NodeRef::<html::Div>::new();
    effect(move || {
        let selected = selected.get();
        for panel in group
            .get()
            .iter()
            .flat_map(|group| all(group, ":scope > leptos-children > [data-tab]"))
        {
            show_panel(
                &panel,
                panel.get_attribute("data-tab").as_ref() == Some(&selected),
            );
        }
    });
    let TabList {
        id, label, tabs, ..
    } = list;
    let keys: Vec<String> = tabs.iter().map(|(key, _)| key.clone()).collect();
    let keydown = move |event: KeyboardEvent| {
        let selected = selected.get_untracked();
        let at = keys.iter().position(|key| *key == selected);
        let Some(next) = at.and_then(|at| next_tab(&event.key(), at, keys.len())) else {
            return;
        };
        event.prevent_default();
        chosen.set(Some(keys[next].clone()));
        let group = group.get_untracked();
        let tabs = group.map(|group| all(&group, ":scope > [role=tablist] > [role=tab]"));
        tabs.iter().flatten().nth(next).into_iter().for_each(focus);
    };
    let tabs = tabs
        .into_iter()
        .map(|(key, label)| {
            let own = key.clone();
            let is_selected = Signal::derive(move || selected.with(|selected| *selected == own));
            let own = key.clone();
            view! {
                <button type="button" role="tab" id=server_text(|| [&id, "-", &key, "-tab"].concat()) data-key=server_text(|| key.clone())
                    aria-controls=server_text(|| [&id, "-", &key].concat())
                    aria-selected=move || if is_selected.get() { "true" } else { "false" }
                    tabindex=move || if is_selected.get() { "0" } else { "-1" }
                    on:click=listener(move |_| chosen.set(Some(own.clone())))>
                    {server_view(|| label)}
                </button>
            }
        })
        .collect_view();
    view! {
        <div class=class data-island=data node_ref=group>
            <div role="tablist" aria-label=server_text(|| label) on:keydown=listener(keydown)>{tabs}</div>
            {children()}
        </div>
    }
}

/// Shows or hides a panel where scripts run.
fn show_panel(panel: &HtmlElement, is_selected: bool) {
    if is_selected {
        let _ = panel.remove_attribute("data-hidden");
    } else {
        set(panel, "data-hidden", "");
    }
}

/// Returns the index of the tab that a key leads to.
pub(super) fn next_tab(key: &str, at: usize, count: usize) -> Option<usize> {
    match key {
        "ArrowRight" => Some((at + 1) % count),
        "ArrowLeft" => Some((at + count - 1) % count),
        "Home" => Some(0),
        "End" => Some(count - 1),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrow_keys_wrap_and_other_keys_lead_nowhere() {
        let next = |key| next_tab(key, 2, 3);
        assert_eq!(next("ArrowRight"), Some(0));
        assert_eq!(next("ArrowLeft"), Some(1));
        assert_eq!((next("Home"), next("End")), (Some(0), Some(2)));
        assert_eq!(next("Enter"), None);
    }

    #[test]
    fn tab_list_is_the_same_after_a_round_trip() {
        let list = TabList {
            id: "tabs-1".to_owned(),
            label: "Code".to_owned(),
            selected: "flask".to_owned(),
            tabs: vec![
                ("flask".to_owned(), "Flask".to_owned()),
                ("axum".to_owned(), "\"축\" <>".to_owned()),
            ],
        };
        let text = data_attribute(&list).expect("the server writes data");
        let json = Json::parse(text.as_bytes()).expect("the data is JSON");
        assert_eq!(TabList::from_json(&json), Some(list));
    }
}
