//! Tests of pages and forms through the production router.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

#[macro_use]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/app.rs"]
mod site;

mod addresses;
mod client;
mod data_panel;
mod download;
mod exchange;
mod explanations;
mod front_end;
mod navigation;
mod proxies;
mod reference;
mod response_cache;
mod safety;
mod search;
mod trace_texts;
mod try_request;
