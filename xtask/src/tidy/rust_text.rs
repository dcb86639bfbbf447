//! Rust source with the contents of comments and literals blanked, so that a search for a word
//! finds code only. Every character keeps its line and, but for multi-byte ones, its column.

/// Blanks comments, strings and characters; line breaks stay.
pub fn code(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len());
    let mut at = 0;
    while let Some(&char) = chars.get(at) {
        let length = token(&chars, at);
        if length == 0 {
            out.push(char);
            at += 1;
            continue;
        }
        for &char in chars.iter().skip(at).take(length) {
            out.push(if char == '\n' { '\n' } else { ' ' });
        }
        at += length;
    }
    out
}

/// The length of the comment or literal that starts here; zero if none does.
fn token(chars: &[char], at: usize) -> usize {
    let rest = chars.get(at..).unwrap_or_default();
    let in_word = at > 0 && chars.get(at - 1).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    match rest {
        ['/', '/', ..] => rest.iter().position(|c| *c == '\n').unwrap_or(rest.len()),
        ['/', '*', ..] => block_comment(rest),
        ['"', ..] => quoted(rest),
        ['r', '"' | '#', ..] if !in_word => raw(rest.get(1..).unwrap_or_default()),
        ['b' | 'c', 'r', '"' | '#', ..] if !in_word => {
            match raw(rest.get(2..).unwrap_or_default()) {
                0 => 0,
                length => length + 1,
            }
        }
        ['\'', '\\', ..] => {
            let end = rest.iter().skip(3).position(|c| *c == '\'');
            end.map_or(0, |end| end + 4)
        }
        ['\'', _, '\'', ..] => 3,
        _ => 0,
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    loop {
        match rest.get(at..).unwrap_or_default() {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            [] => return at,
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
}

fn quoted(rest: &[char]) -> usize {
    let mut at = 1;
    loop {
        match rest.get(at) {
            Some('\\') => at += 2,
            Some('"') => return at + 1,
            Some(_) => at += 1,
            None => return rest.len(),
        }
    }
}

/// `rest` starts after the `r`. The result counts the `r`.
fn raw(rest: &[char]) -> usize {
    let hashes = rest.iter().take_while(|c| **c == '#').count();
    if rest.get(hashes) != Some(&'"') {
        return 0; // a raw identifier
    }
    let mut end = vec!['"'];
    end.resize(hashes + 1, '#');
    let body = rest.get(hashes + 1..).unwrap_or_default();
    let close = body.windows(end.len()).position(|window| *window == *end);
    close.map_or(rest.len() + 1, |close| close + 2 * (hashes + 1) + 1)
}

/// Whether the word stands in the line with no letter, digit or underscore beside it.
pub fn has_word(line: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}
