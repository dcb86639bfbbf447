//! The virtual machine from the command line: `execute`, `prove` and `verify`.

pub mod execute;
mod files;
mod interrupt;
mod phases;
mod process;
mod profile;
mod program;
mod progress;
pub mod prove;
mod share;
mod text;
pub mod verify;
mod work;
