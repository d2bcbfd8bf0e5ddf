//! The server loop, on raw sockets: how requests are framed, and what a connection may take. Each
//! test is named after what it holds.
//!
//! What does not depend on the database engine, so it runs on one.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[expect(dead_code, unused_macros, reason = "one engine is enough here")]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/app.rs"]
mod site;

mod half_close;
mod head;
mod limits;
mod process;
mod requests;
mod sizes;
mod smuggling;
mod stop;
mod wire;
