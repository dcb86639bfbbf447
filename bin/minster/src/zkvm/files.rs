//! Files in and out, with limits. `-` is standard input or output.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

use eyre::{WrapErr, bail};

/// The most bytes of an input, and of hints: memory for some copies of it has to be there.
pub const INPUT_SIZE_MAX: usize = 256 << 20;

/// A file as messages name it, and the most bytes that it may have.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// "the input", for example.
    pub what: &'a str,
    pub path: &'a Path,
    pub size_max: usize,
}

/// Whether a path stands for standard input or output.
pub fn is_standard(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Reads a whole file.
pub fn read(wanted: Wanted<'_>) -> eyre::Result<Vec<u8>> {
    read_limited(open(wanted.what, wanted.path)?, wanted)
}

/// Opens a file, or standard input.
pub fn open(what: &str, path: &Path) -> eyre::Result<Box<dyn Read>> {
    if is_standard(path) {
        return Ok(Box::new(std::io::stdin().lock()));
    }
    if path.is_dir() {
        bail!("{what}: {} is a directory, give a file", path.display());
    }
    match File::open(path) {
        Ok(file) => Ok(Box::new(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("{what}: there is no file {}", path.display())
        }
        Err(error) => Err(error).wrap_err_with(|| format!("{what}: open {}", path.display())),
    }
}

fn read_limited(source: impl Read, wanted: Wanted<'_>) -> eyre::Result<Vec<u8>> {
    let Wanted { what, path, size_max } = wanted;
    let mut bytes = Vec::new();
    // One byte more than allowed tells a file that is too long from one that just fits.
    let limit = u64::try_from(size_max).unwrap_or(u64::MAX).saturating_add(1);
    let read = source.take(limit).read_to_end(&mut bytes);
    read.wrap_err_with(|| format!("{what}: read {}", path.display()))?;
    if bytes.len() > size_max {
        bail!(
            "{what}: {} has more than {} MiB, the most that is read",
            path.display(),
            size_max >> 20
        );
    }
    Ok(bytes)
}

/// Writes a whole file, as [`Sink`] does.
pub fn write(path: &Path, bytes: &[u8]) -> eyre::Result<()> {
    let mut sink = Sink::create(path)?;
    sink.write_all(bytes).wrap_err_with(|| format!("write {}", path.display()))?;
    sink.finish().map(drop)
}

/// A file that is being written. It has its name when it is complete and on disk, and not before.
pub struct Sink {
    target: Target,
    written: u64,
}

enum Target {
    Standard,
    /// What exists and is no file: a device or a pipe. It is written to, never replaced.
    Special(File),
    File {
        draft: Draft,
        path: PathBuf,
    },
}

impl Sink {
    /// Starts a file; whether it can be written at all shows here.
    pub fn create(path: &Path) -> eyre::Result<Self> {
        if path.is_dir() {
            bail!("{} is a directory, give a file to write", path.display());
        }
        let is_special = || fs::metadata(path).is_ok_and(|data| !data.is_file());
        let target = if is_standard(path) {
            Target::Standard
        } else if is_special() {
            let file = OpenOptions::new().write(true).open(path);
            Target::Special(file.wrap_err_with(|| format!("cannot write {}", path.display()))?)
        } else {
            Target::File { draft: Draft::new(path)?, path: path.to_path_buf() }
        };
        Ok(Self { target, written: 0 })
    }

    /// What is to be removed if the process ends before its time.
    pub fn draft_path(&self) -> Option<PathBuf> {
        match &self.target {
            Target::Standard | Target::Special(_) => None,
            Target::File { draft, .. } => draft.path.clone(),
        }
    }

    /// Gives the file its name. Returns its size.
    pub fn finish(mut self) -> eyre::Result<u64> {
        self.flush().wrap_err("write standard output")?;
        if let Target::File { draft, path } = self.target {
            let context = || format!("write {}", path.display());
            draft.file.sync_all().wrap_err_with(context)?;
            draft.publish(&path).wrap_err_with(context)?;
        }
        Ok(self.written)
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = match &mut self.target {
            Target::Standard => std::io::stdout().write(bytes),
            Target::Special(file) => file.write(bytes),
            Target::File { draft, .. } => draft.file.write(bytes),
        }?;
        self.written += u64::try_from(count).unwrap_or(u64::MAX);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match &mut self.target {
            Target::Standard => std::io::stdout().flush(),
            Target::Special(file) => file.flush(),
            Target::File { draft, .. } => draft.file.flush(),
        }
    }
}

/// A file beside the one it will be; removed unless it becomes that.
struct Draft {
    path: Option<PathBuf>,
    file: File,
}

impl Draft {
    fn new(target: &Path) -> eyre::Result<Self> {
        let Some(name) = target.file_name() else {
            bail!("{} names no file to write", target.display());
        };
        let mut draft_name = std::ffi::OsString::from(".");
        draft_name.push(name);
        draft_name.push(format!(".{}.part", std::process::id()));
        let path = target.with_file_name(draft_name);
        let create = || OpenOptions::new().write(true).create_new(true).open(&path);
        // Only a process of this number makes such a name, and it is this one: another was killed.
        let file = create().or_else(|error| match error.kind() {
            ErrorKind::AlreadyExists => fs::remove_file(&path).and_then(|()| create()),
            _ => Err(error),
        });
        let file = file.wrap_err_with(|| {
            let target = target.display();
            format!("cannot write {target}: does its folder exist, and may you write there?")
        })?;
        Ok(Self { path: Some(path), file })
    }

    fn publish(mut self, target: &Path) -> std::io::Result<()> {
        if let Some(path) = &self.path {
            fs::rename(path, target)?;
        }
        self.path = None;
        // Else a power cut could take the name away; some file systems sync no folders.
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")));
        match folder.and_then(|folder| folder.sync_all()) {
            Err(error) if is_refused(&error) => Ok(()),
            result => result,
        }
    }
}

/// Whether the system does not do a thing at all, rather than failed to.
fn is_refused(error: &std::io::Error) -> bool {
    use ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    matches!(error.kind(), InvalidInput | PermissionDenied | Unsupported)
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // If it cannot be removed, its name says what it is.
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests;
