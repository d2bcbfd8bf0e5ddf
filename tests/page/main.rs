//! Pages through the production router: what every page says, and what none may let through.

#![expect(clippy::unwrap_used, reason = "a test may end there")]

#[macro_use]
#[path = "../support/database.rs"]
mod database;
#[path = "../support/app.rs"]
mod site;

mod addresses;
mod data_panel;
mod download;
mod exchange;
mod explained;
mod proxies;
mod reference;
mod safety;
mod shared;
mod told;
mod tried;
mod visit;
