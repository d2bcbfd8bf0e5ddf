//! Registers with cargo the folders that are embedded in the server, so that a new file in them
//! triggers a rebuild.
//!
//! Not for the browser build, from which the front end is made. The lessons are registered
//! only for a release, because a development server reads their files at run time.

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
        println!("cargo::rerun-if-changed=content");
    }
}
