//! What the system says of a process (proc(5)).

use std::{fs, time::Duration};

use eyre::{OptionExt, Result};
use rustix::param::clock_ticks_per_second;

/// CPU time that a process has taken, all threads together, in steps of the system's tick.
///
/// # Errors
/// When there is no such process.
pub fn cpu(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let ticks = ticks(&stat).ok_or_eyre("no times in /proc/PID/stat")?;
    Ok(Duration::from_secs_f64(ticks as f64 / clock_ticks_per_second() as f64))
}

/// Fields 14 and 15 together. The second one is a name in brackets, which may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let mut times = behind_name.split_whitespace().skip(11).map(|field| field.parse::<u64>().ok());
    times.next()??.checked_add(times.next()??)
}

/// Memory of a process that is in RAM, in bytes.
///
/// # Errors
/// When there is no such process.
pub fn resident(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let kibibytes = kibibytes.ok_or_eyre("no VmRSS in /proc/PID/status")?;
    Ok(kibibytes.parse::<u64>()? << 10)
}

#[cfg(test)]
mod tests;
