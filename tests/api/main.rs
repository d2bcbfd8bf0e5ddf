//! Tests of the users API through the production router, on both engines. Each test is named after
//! its subject, condition and result.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[macro_use]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/rules.rs"]
mod rules;
#[path = "../support/app.rs"]
mod site;

mod access;
mod admin;
mod any_request;
mod app;
mod auth;
mod body_format;
mod conditional;
mod content;
mod echo;
mod export;
mod idempotency;
mod limits;
mod list;
mod methods;
mod negotiation;
mod openapi;
mod record;
mod responses;
mod sandbox;
mod session;
mod status;
mod targets;
mod token;
mod trace;
mod undo;
mod writes;
