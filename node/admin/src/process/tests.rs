use super::*;

#[test]
fn the_files_of_linux_are_read() {
    let status = "Name:\tminster\nVmHWM:\t   9000 kB\nVmRSS:\t   1234 kB\nThreads:\t7\n";
    assert_eq!(resident_bytes(status), Some(1_234 * 1_024));
    let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 7 0 99 1 2 3";
    assert_eq!(cpu_ticks(stat), Some(300));
    let limits = "Limit   Soft Limit  Hard Limit  Units\nMax open files   1024   524288   files\n";
    assert_eq!(open_files_max(limits), Some(1_024));
}

#[test]
fn what_is_not_there_is_left_out() {
    for text in ["", "VmRSS: many kB", "1 (x) S", "Max open files   unlimited"] {
        assert_eq!(resident_bytes(text), None, "{text}");
        assert_eq!(cpu_ticks(text), None, "{text}");
        assert_eq!(open_files_max(text), None, "{text}");
    }
}

#[test]
fn this_process_is_known() {
    let process = this();
    assert!(process.resident_bytes.unwrap() > 1 << 20, "{process:?}");
    assert!(process.open_files.unwrap() >= 3, "{process:?}");
    assert!(process.cpu_seconds.unwrap() >= 0.0, "{process:?}");
}
