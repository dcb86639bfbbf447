//! What the system allows the process.

/// Takes as many open files as the process may have. A chain of years has thousands, and what
/// a shell gives at first (1,024 as a rule) is for programs that call select.
#[cfg(unix)]
pub fn raise_open_files() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum {
        limit.current = limit.maximum;
        // With fewer everything works until they run out, and then says so.
        let _ = setrlimit(Resource::Nofile, limit);
    }
}

/// Elsewhere there is no such limit.
#[cfg(not(unix))]
pub fn raise_open_files() {}
