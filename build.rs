//! Tells cargo which folders are built into the server, so that a new file in them is noticed.
//!
//! Not for the browser half (the front end is built from it), and the front end and the lessons
//! only for a release: a dev server reads their files.

#[expect(
    clippy::disallowed_methods,
    reason = "this is how cargo speaks to a build script"
)]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_FEATURE_SSR").is_none() {
        return;
    }
    println!("cargo::rerun-if-changed=src/portal/store/migrations");
    println!("cargo::rerun-if-changed=src/sandbox/migrations");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed=target/site");
        println!("cargo::rerun-if-changed=content");
    }
}
