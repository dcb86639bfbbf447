//! What `cargo metadata` says of the members and of the packages they need.

use std::path::Path;
use std::process::Command;

use eyre::{Context, OptionExt, Result, ensure};
use serde_json::Value;

/// The workspace and all packages that its lock file names.
#[derive(Default)]
pub struct Metadata {
    /// The packages of this repository.
    pub members: Vec<Member>,
    /// The packages of others.
    pub packages: Vec<Package>,
}

/// A package of this repository.
pub struct Member {
    /// As cargo calls it.
    pub name: String,
    /// Relative to the root.
    pub folder: String,
    /// The folders of members that its library or build script needs; dev-dependencies apart.
    pub needs: Vec<String>,
    /// The folders of members that only its tests need.
    pub test_needs: Vec<String>,
}

/// A package from elsewhere.
pub struct Package {
    /// Name and version.
    pub name: String,
    /// Where cargo takes it from; empty for a path outside the workspace.
    pub source: String,
    /// The SPDX expression; empty if the package states none.
    pub licence: String,
}

impl Metadata {
    /// Asks cargo.
    pub fn load(root: &Path) -> Result<Self> {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--quiet"])
            .current_dir(root)
            .stderr(std::process::Stdio::inherit())
            .output()
            .wrap_err("cannot run cargo metadata")?;
        ensure!(output.status.success(), "cargo metadata failed");
        let json = serde_json::from_slice(&output.stdout).wrap_err("cargo metadata: not JSON")?;
        Self::parse(&json)
    }

    fn parse(json: &Value) -> Result<Self> {
        let root = json["workspace_root"].as_str().ok_or_eyre("no workspace_root")?;
        let members = json["workspace_members"].as_array().ok_or_eyre("no members")?;
        let mut metadata = Self::default();
        for package in json["packages"].as_array().ok_or_eyre("no packages")? {
            if members.contains(&package["id"]) {
                metadata.members.push(Member::parse(package, root));
            } else {
                metadata.packages.push(Package::parse(package));
            }
        }
        Ok(metadata)
    }
}

impl Member {
    fn parse(package: &Value, root: &str) -> Self {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let folder = relative(manifest.strip_suffix("/Cargo.toml").unwrap_or(manifest), root);
        let name = package["name"].as_str().unwrap_or_default().to_owned();
        let mut member = Self { name, folder, needs: Vec::new(), test_needs: Vec::new() };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let Some(path) = dependency["path"].as_str() else { continue };
            let needs = match dependency["kind"].as_str() {
                Some("dev") => &mut member.test_needs,
                _ => &mut member.needs,
            };
            needs.push(relative(path, root));
        }
        member
    }
}

impl Package {
    fn parse(package: &Value) -> Self {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        Self {
            name: format!("{} {}", text("name"), text("version")),
            source: text("source"),
            licence: text("license"),
        }
    }
}

fn relative(path: &str, root: &str) -> String {
    path.strip_prefix(root).unwrap_or(path).trim_start_matches('/').to_owned()
}
