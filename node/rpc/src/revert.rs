//! What a revert says, decoded as geth does: `Error(string)` and `Panic(uint256)`.

use alloy_primitives::U256;

/// Selector of `Error(string)`.
const ERROR: [u8; 4] = [0x08, 0xc3, 0x79, 0xa0];
/// Selector of `Panic(uint256)`.
const PANIC: [u8; 4] = [0x4e, 0x48, 0x7b, 0x71];

/// The reason in words; `None` when the data is of another form, such as a custom error.
pub(crate) fn revert_reason(data: &[u8]) -> Option<String> {
    let (selector, rest) = data.split_first_chunk::<4>()?;
    match *selector {
        ERROR => {
            let offset = word(rest, 0)?;
            let length = word(rest, offset)?;
            let start = offset.checked_add(32)?;
            let text = rest.get(start..start.checked_add(length)?)?;
            Some(String::from_utf8_lossy(text).into_owned())
        }
        PANIC => {
            let code = U256::try_from_be_slice(rest.get(..32)?)?;
            Some(panic_reason(code))
        }
        _ => None,
    }
}

/// A word that is an offset or a length inside the data.
fn word(data: &[u8], start: usize) -> Option<usize> {
    let bytes = data.get(start..start.checked_add(32)?)?;
    usize::try_from(U256::try_from_be_slice(bytes)?).ok()
}

fn panic_reason(code: U256) -> String {
    let words = match u8::try_from(code) {
        Ok(0x00) => "generic panic",
        Ok(0x01) => "assert(false)",
        Ok(0x11) => "arithmetic underflow or overflow",
        Ok(0x12) => "division or modulo by zero",
        Ok(0x21) => "enum overflow",
        Ok(0x22) => "invalid encoded storage byte array accessed",
        Ok(0x31) => "out-of-bounds array access; popping on an empty array",
        Ok(0x32) => "out-of-bounds access of an array or bytesN",
        Ok(0x41) => "out of memory",
        Ok(0x51) => "uninitialized function",
        _ => return format!("unknown panic code: {code:#x}"),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests;
