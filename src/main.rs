//! Parses the command line and runs the command.

use std::borrow::Cow;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The built front end: in a release build inside this binary, otherwise read from the folder. It is embedded here
/// and not in the library, so that the library is compiled while the front end is built, and only once.
#[derive(rust_embed::Embed)]
#[folder = "target/site"]
#[allow_missing = true]
struct BuiltSite;

/// The version of the front end. A change of this variable makes cargo compile this file again.
const _: Option<&str> = option_env!("ROUTEBOOK_SITE_VERSION");

fn main() -> std::process::ExitCode {
    routebook::cli::run(release_memory, site_file)
}

/// Returns the content of a file of the front end.
fn site_file(path: &str) -> Option<Cow<'static, [u8]>> {
    BuiltSite::get(path).map(|file| file.data)
}

/// Returns to the system the memory that the allocator keeps for the calling thread and for threads
/// that have ended.
#[expect(unsafe_code, reason = "the allocator has no safe function for it")]
fn release_memory() {
    // SAFETY: the function has no precondition and may be called from any thread.
    unsafe { libmimalloc_sys::mi_collect(true) }
}
