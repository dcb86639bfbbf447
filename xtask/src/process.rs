//! Child processes: echoed, bounded in time, and never left behind.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use eyre::{Context, OptionExt, Result, ensure};

const POLL: Duration = Duration::from_millis(50);

/// How a child ended, and what it printed.
pub struct Ended {
    /// Exited with status zero, in time.
    pub success: bool,
    /// All of its standard output.
    pub stdout: String,
    /// One line for the report.
    pub how: String,
}

/// Runs to the end, however long it takes. The child shares the terminal's process group, so that
/// an interrupt reaches it.
pub fn stream(command: &mut Command) -> Result<Ended> {
    follow(command, None)
}

/// Runs in a process group of its own, which is killed when the limit has passed.
pub fn bounded(command: &mut Command, limit: Duration) -> Result<Ended> {
    follow(command.process_group(0), Some(limit))
}

fn follow(command: &mut Command, limit: Option<Duration>) -> Result<Ended> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .wrap_err_with(|| format!("cannot start {name}"))?;
    let pipe = child.stdout.take().ok_or_eyre("no pipe")?;
    let reader = thread::spawn(move || echo(BufReader::new(pipe)));
    let status = match limit {
        None => Some(child.wait()?),
        Some(limit) => {
            let status = wait(&mut child, limit)?;
            kill_group(&mut child); // what the child itself left running holds the pipe open
            status
        }
    };
    let stdout = reader.join().unwrap_or_default();
    let success = status.is_some_and(|status| status.success());
    let how = match status {
        Some(status) => format!("{name}: {status}"),
        None => format!("{name}: killed after {} s", limit.unwrap_or_default().as_secs()),
    };
    Ok(Ended { success, stdout, how })
}

fn echo(lines: impl BufRead) -> String {
    let mut text = String::new();
    for line in lines.split(b'\n').map_while(std::result::Result::ok) {
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn wait(child: &mut Child, limit: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() >= limit {
            kill_group(child);
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

/// The child must have been started as the leader of its group.
fn kill_group(child: &mut Child) {
    let script = format!("kill -KILL -{} 2>/dev/null", child.id());
    // The group may be gone already; there is nothing left to do then.
    let _ = Command::new("sh").args(["-c", &script]).status();
}

/// A server that runs until this value is dropped.
pub struct Daemon(Child);

impl Daemon {
    /// Starts it with no input and its output in a file.
    pub fn start(command: &mut Command, log: &std::path::Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let out = std::fs::File::create(log).wrap_err("cannot create the log file")?;
        let err = out.try_clone()?;
        command.stdin(Stdio::null()).stdout(out).stderr(err).process_group(0);
        Ok(Self(command.spawn().wrap_err_with(|| format!("cannot start {name}"))?))
    }

    /// Its number.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Asks it to end, by SIGTERM.
    pub fn terminate(&self) -> Result<()> {
        let status = Command::new("kill").args(["-TERM", &self.pid().to_string()]).status()?;
        ensure!(status.success(), "kill: {status}");
        Ok(())
    }

    /// Whether it has ended by itself.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().ok().flatten()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        kill_group(&mut self.0);
        // A killed child that cannot be waited for is gone as well.
        let _ = self.0.wait();
    }
}

/// Whether a program of this name can be started.
pub fn exists(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The output of a short command, if it succeeds.
pub fn capture(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests;
