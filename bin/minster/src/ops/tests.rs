use std::{collections::BTreeMap, process::Command};

use super::*;

/// The settings of a section, in the order of the file. A setting that is there twice has all its
/// values.
fn section(name: &str) -> BTreeMap<&'static str, Vec<&'static str>> {
    let start = format!("[{name}]");
    let lines = UNIT.lines().skip_while(|line| *line != start).skip(1);
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in lines.take_while(|line| !line.starts_with('[')) {
        if !line.is_empty() && !line.starts_with('#') {
            let (key, value) = line.split_once('=').expect(line);
            found.entry(key).or_default().push(value);
        }
    }
    found
}

#[test]
fn the_unit_gives_no_more_rights_than_it_has_to() {
    let service = section("Service");
    for (key, value) in [
        ("DynamicUser", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("MemoryDenyWriteExecute", "yes"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallArchitectures", "native"),
        ("StateDirectory", "minster"),
        ("UMask", "0077"),
    ] {
        assert_eq!(service.get(key), Some(&vec![value]), "{key}");
    }
    assert_eq!(service["SystemCallFilter"], ["@system-service", "~@privileged"]);
    assert_eq!(service["Restart"], ["on-failure"], "one that was stopped stays so");
    assert!(!section("Unit").is_empty() && !section("Install").is_empty());
}

/// Whether systemd takes the unit, where it is installed.
#[test]
fn systemd_takes_the_unit() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        eprintln!("skipped: there is no systemd-analyze here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("minster.service");
    // It looks for the program too, and that is not installed here.
    let here = std::env::current_exe().unwrap();
    let unit = UNIT.replace("/usr/local/bin/minster", &here.display().to_string());
    std::fs::write(&path, unit).unwrap();
    let mut command = Command::new("systemd-analyze");
    let ended = command.args(["verify", "--man=no"]).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let about_it: Vec<&str> = said.lines().filter(|line| line.contains("minster")).collect();
    assert!(about_it.is_empty(), "{said}");
}

#[test]
fn the_image_runs_without_rights() {
    let last = CONTAINERFILE.rsplit("\nFROM ").next().unwrap();
    let instruction = |name: &str| -> Vec<&str> {
        last.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).collect()
    };
    assert_eq!(instruction("USER"), ["65532:65532"]);
    assert_eq!(instruction("STOPSIGNAL"), ["SIGTERM"]);
    assert_eq!(instruction("ENTRYPOINT"), ["[\"/usr/local/bin/minster\"]"]);
    assert_eq!(instruction("RUN"), Vec::<&str>::new(), "nothing is installed");
    for word in ["--read-only", "--cap-drop ALL", "no-new-privileges"] {
        assert!(CONTAINERFILE.contains(word), "{word}");
    }
}

/// But for the admin port, which the orchestrator of an image looks at from outside.
#[test]
fn unit_and_image_start_the_same_command() {
    let start = &section("Service")["ExecStart"];
    let start = [start[0].replace("127.0.0.1:9545", "0.0.0.0:9545")];
    let words: Vec<String> =
        start[0].split(' ').skip(1).map(|word| format!("\"{word}\"")).collect();
    assert!(CONTAINERFILE.contains(&format!("CMD [{}]", words.join(", "))), "{start:?}");
}

#[test]
fn a_part_of_the_runbook_is_found_by_its_name() {
    for alert in ALERTS {
        let part = runbook(alert.name).unwrap();
        assert!(part.starts_with(&format!("## {}\n", alert.name)), "{part}");
        assert_eq!(part.matches("## ").count(), 1, "{part}");
    }
    let error = runbook("MinsterBored").unwrap_err().to_string();
    assert!(error.contains("MinsterDown"), "{error}");
}
