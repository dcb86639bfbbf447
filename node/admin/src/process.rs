//! What the system knows of this process. Only Linux is asked, in its own files; elsewhere these
//! metrics are left out.

/// What is known; `None` is left out.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Process {
    pub(crate) resident_bytes: Option<u64>,
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) open_files: Option<u64>,
    pub(crate) open_files_max: Option<u64>,
}

/// Asks the system.
#[cfg(target_os = "linux")]
pub(crate) fn this() -> Process {
    let read = |file: &str| std::fs::read_to_string(format!("/proc/self/{file}")).ok();
    let open_files = std::fs::read_dir("/proc/self/fd").ok().map(Iterator::count);
    Process {
        resident_bytes: read("status").as_deref().and_then(resident_bytes),
        cpu_seconds: read("stat").as_deref().and_then(|text| {
            let ticks = cpu_ticks(text)?;
            Some(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
        }),
        open_files: open_files.and_then(|count| u64::try_from(count).ok()),
        open_files_max: read("limits").as_deref().and_then(open_files_max),
    }
}

/// Asks nobody.
#[cfg(not(target_os = "linux"))]
pub(crate) fn this() -> Process {
    Process::default()
}

/// From `status`: `VmRSS:     1234 kB`.
#[cfg(target_os = "linux")]
fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1_024)
}

/// From `stat`: fields 14 and 15. The name before them may hold anything, so that one counts from
/// its closing bracket, which is the end of field 2.
#[cfg(target_os = "linux")]
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<u64>().ok();
    next()?.checked_add(next()?)
}

/// From `limits`: `Max open files            1024                 524288               files`.
#[cfg(target_os = "linux")]
fn open_files_max(limits: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
