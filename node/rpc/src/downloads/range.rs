//! The range that a request asks for (RFC 9110, 14.1.2 and 14.2).

use http::{HeaderMap, header};

/// Consecutive bytes of a proof, at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// The range begins where the proof has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsatisfiable;

impl Range {
    pub(super) fn content_range(self, size: u64) -> String {
        let last = self.start.saturating_add(self.length).saturating_sub(1);
        format!("bytes {}-{last}/{size}", self.start)
    }
}

/// What a GET asks for; `None` is everything. What is malformed, in another unit, of another
/// version or more than one range counts as not asked for.
pub(super) fn wanted(
    headers: &HeaderMap,
    tag: &str,
    size: u64,
) -> Result<Option<Range>, Unsatisfiable> {
    let is_current = match headers.get(header::IF_RANGE) {
        None => true,
        // A date never fits: nothing here has one.
        Some(version) => version.as_bytes() == tag.as_bytes(),
    };
    let mut asked = headers.get_all(header::RANGE).iter();
    match (asked.next().and_then(|range| range.to_str().ok()), asked.next()) {
        (Some(range), None) if is_current => parse(range, size),
        _ => Ok(None),
    }
}

fn parse(text: &str, size: u64) -> Result<Option<Range>, Unsatisfiable> {
    let unit_and_set = text.split_once('=').filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes"));
    let Some((first, last)) = unit_and_set.and_then(|(_, set)| set.trim().split_once('-')) else {
        return Ok(None);
    };
    let (start, end) = match (position(first), position(last)) {
        (Position::None, Position::At(suffix)) => (size.saturating_sub(suffix), size),
        (Position::At(start), Position::None) => (start, size),
        (Position::At(first), Position::At(last)) if first <= last => {
            (first, last.saturating_add(1).min(size))
        }
        _ => return Ok(None),
    };
    match end.checked_sub(start).filter(|length| *length > 0) {
        Some(length) => Ok(Some(Range { start, length })),
        None => Err(Unsatisfiable),
    }
}

enum Position {
    None,
    /// Numbers that are too large are as good as the largest.
    At(u64),
    Malformed,
}

fn position(text: &str) -> Position {
    match text {
        "" => Position::None,
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Position::At(text.parse().unwrap_or(u64::MAX))
        }
        _ => Position::Malformed,
    }
}

#[cfg(test)]
mod tests;
