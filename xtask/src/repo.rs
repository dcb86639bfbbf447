//! The files of the repository, as the checks see them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use eyre::{Context, Result, ensure};

use crate::metadata::Metadata;

/// The root of the checkout that this xtask was built from.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// A text file of the repository.
pub struct File {
    /// Relative to the root, with `/` on every system.
    pub path: String,
    /// Its whole text.
    pub text: String,
}

impl File {
    /// Whether the path ends so; `extension` holds no dot.
    pub fn is(&self, extension: &str) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, end)| end == extension)
    }

    /// Whether this is test code, which has its own limits.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs")
            || self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
    }

    /// Whether the file lies in the folder or anywhere below it.
    pub fn is_below(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// All that the checks may look at. Tests build one from samples.
pub struct Repo {
    /// Text files that git tracks or would track.
    pub files: Vec<File>,
    /// Files and folders, binary ones too.
    pub paths: BTreeSet<String>,
    /// Members and dependencies.
    pub metadata: Metadata,
}

impl Repo {
    /// Reads the checkout. Files that git ignores do not exist for it.
    pub fn load() -> Result<Self> {
        let root = root();
        let mut files = Vec::new();
        let mut paths = BTreeSet::new();
        for path in listed(&root)? {
            let Ok(bytes) = std::fs::read(root.join(&path)) else {
                continue; // deleted in the work tree and not yet in the index
            };
            for (end, _) in path.match_indices('/') {
                paths.insert(path.get(..end).unwrap_or_default().to_owned());
            }
            paths.insert(path.clone());
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(File { path, text });
            }
        }
        Ok(Self { files, paths, metadata: Metadata::load(&root)? })
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// The Rust sources.
    pub fn rust(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.is("rs"))
    }
}

fn listed(root: &Path) -> Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .wrap_err("cannot run git")?;
    ensure!(output.status.success(), "git ls-files failed: tidy needs a git checkout");
    let text = String::from_utf8(output.stdout).wrap_err("a file name is not UTF-8")?;
    let mut paths: Vec<String> =
        text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}
