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
mod documents;
mod download;
mod exchange;
mod exercise;
mod explanations;
mod front_end;
mod glossary;
mod navigation;
mod pictures;
mod proxies;
mod quiz;
mod reference;
mod response_cache;
mod safety;
mod search;
mod trace_texts;
mod try_request;
