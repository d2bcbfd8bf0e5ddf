//! What an author does with the binary and a folder: init, check, serve, new lesson, watch.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

mod folder;
mod process;
mod reload;
mod watch;
