//! Where vectors lie.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Names the vectors folder.
pub const FOLDER_VARIABLE: &str = "MINSTER_VECTORS";

/// With the value 1, an absent vectors folder fails the run.
pub const REQUIRE_VARIABLE: &str = "MINSTER_REQUIRE_ALL";

/// The folder of vectors under its root, whether it exists or not.
#[must_use]
pub fn folder(name: &str) -> PathBuf {
    let root = env::var_os(FOLDER_VARIABLE).map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"),
        PathBuf::from,
    );
    root.join(name)
}

/// Whether an absent folder is a failure.
#[must_use]
pub fn are_required() -> bool {
    env::var_os(REQUIRE_VARIABLE).is_some_and(|value| value == "1")
}

/// Every file below a folder, in order of its path.
///
/// # Panics
/// When a folder cannot be read.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}")) {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}
