//! The virtual machine from the command line: `execute`, `prove` and `verify`.

mod batch_proof;
pub mod execute;
pub mod files;
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

pub use files::INPUT_SIZE_MAX;
pub use program::io_of;
