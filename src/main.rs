//! Parses the command line and runs the command.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    routebook::cli::run(release_memory)
}

/// Returns to the system the memory that the allocator keeps for the calling thread and for threads
/// that have ended.
#[expect(unsafe_code, reason = "the allocator has no safe function for it")]
fn release_memory() {
    // SAFETY: the function has no precondition and may be called from any thread.
    unsafe { libmimalloc_sys::mi_collect(true) }
}
