//! The server on raw sockets: the framing of requests, and the limits of connections.
//!
//! These tests do not depend on the database engine, so they run on one only.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[expect(dead_code, unused_macros, reason = "one engine is enough here")]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/app.rs"]
mod site;

mod client;
mod half_close;
mod head;
mod limits;
mod process;
mod requests;
mod sizes;
mod smuggling;
mod stop;
