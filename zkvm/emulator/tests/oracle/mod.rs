//! Programs of the system that tests compare with.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

const TIME_MAX: Duration = Duration::from_secs(60);

/// A program on the search path.
pub struct Tool(pub PathBuf);

/// What a run of a tool came to.
pub struct Output {
    pub exit_code: i32,
    pub stdout: Vec<u8>,
}

impl Tool {
    /// `None`, with a note, if it is not installed; then the caller skips.
    ///
    /// # Panics
    /// Where everything must run and the program is not there.
    pub fn find(name: &str) -> Option<Self> {
        let path = env::var_os("PATH").unwrap_or_default();
        let found = env::split_paths(&path).map(|folder| folder.join(name)).find(|p| p.is_file());
        if found.is_none() {
            let required = env::var("MINSTER_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!required, "{name} is not installed, and MINSTER_REQUIRE_ALL asks for it");
            report(&format!("skipped: {name} is not installed"));
        }
        found.map(Self)
    }

    /// Runs the tool on a file.
    pub fn run(&self, file: &Path) -> Output {
        let mut command = Command::new(&self.0);
        command.arg(file).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the tool starts");
        let mut stdout = child.stdout.take().expect("piped");
        let reader = thread::spawn(move || {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut stdout, &mut bytes).expect("the pipe works");
            bytes
        });
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().expect("the tool can be waited for") {
                break status;
            }
            if started.elapsed() > TIME_MAX {
                child.kill().expect("the tool can be stopped");
                panic!("{} takes longer than {TIME_MAX:?}", file.display());
            }
            thread::sleep(Duration::from_millis(1));
        };
        let stdout = reader.join().expect("the reader does not panic");
        Output { exit_code: status.code().expect("the tool was not killed"), stdout }
    }
}

/// A folder for the files of one test, removed at its end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).expect("the folder can be made");
        Self(path)
    }

    /// The path of a file in it, which this writes if there are bytes.
    pub fn file(&self, name: &str, bytes: Option<&[u8]>) -> PathBuf {
        let path = self.0.join(name);
        if let Some(bytes) = bytes {
            fs::write(&path, bytes).expect("the file can be written");
            // A loader may want the permission, which the owner of the file has to give.
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            fs::set_permissions(&path, mode).expect("the file can be made executable");
        }
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind it does no harm: it is inside the folder of build outputs.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// To the terminal, past the capturing of passing tests.
pub fn report(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
