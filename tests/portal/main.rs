//! Accounts and sessions of the portal through the production router, on both engines.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[macro_use]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/server_process.rs"]
#[expect(dead_code, reason = "other tests send JSON")]
mod server_process;
#[path = "../support/app.rs"]
mod site;

mod administration;
mod app;
mod assignments;
mod backup;
mod command;
mod groups;
mod identity_provider;
mod invitations;
mod large_lists;
mod learning;
mod learning_pages;
mod limits;
mod login;
mod mail;
mod mail_server;
mod member_lessons;
mod member_sandbox;
mod members_only;
mod passkey;
mod people;
mod permissions;
mod processes;
mod protections;
mod provider;
mod second_factor;
mod secrets;
mod security;
mod session;
mod shared;
mod site_settings;
mod team;
