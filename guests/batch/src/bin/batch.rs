//! The batch guest: reads a range of batches and commits to what it came to.
#![cfg_attr(target_os = "none", no_std, no_main)]

/// Exit code of a run whose input is refused.
const EXIT_REFUSED: u32 = 1;

fn main() {
    match minster_batch_guest::run(&minster_guest::input()) {
        Ok(claim) => {
            minster_guest::commit(claim.before.as_slice());
            minster_guest::commit(claim.after.as_slice());
        }
        Err(refusal) => {
            minster_guest::debug!("{refusal:?}");
            minster_guest::exit(EXIT_REFUSED);
        }
    }
}

minster_guest::entry!(main);
