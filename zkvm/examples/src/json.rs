//! A reader of JSON (RFC 8259): calls, bytes and branches, as programs usually have them.

use alloc::vec::Vec;

#[cfg(test)]
mod tests;

/// How deep arrays and objects may lie in each other.
pub const DEPTH_MAX: usize = 128;

/// What is wrong with a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The text is not UTF-8.
    Encoding = 1,
    /// The text ends too early.
    End = 2,
    /// A character that cannot stand where it does.
    Character = 3,
    /// A string with an escape that does not exist.
    Escape = 4,
    /// More than [`DEPTH_MAX`] arrays and objects in each other.
    Depth = 5,
}

/// What there is to say about a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Values of every kind, those inside of others too.
    pub values: u32,
    /// How deep the deepest one lies; 0 for a document that is one scalar.
    pub depth: u32,
    /// The sum of all numbers that are integers, modulo 2^64.
    pub sum: i64,
}

/// Reads the input and returns little-endian words. For a valid document: 0, the number of its
/// values, its depth, and the sum of its integers as two words. For any other one: the number of
/// the fault and its place.
pub fn run(input: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(20);
    match summarize(input) {
        Ok(Summary { values, depth, sum }) => {
            output.extend([0, values, depth].iter().flat_map(|word| word.to_le_bytes()));
            output.extend(sum.to_le_bytes());
        }
        Err((fault, place)) => {
            let place = u32::try_from(place).unwrap_or(u32::MAX);
            output.extend([fault as u32, place].iter().flat_map(|word| word.to_le_bytes()));
        }
    }
    output
}

/// Reads a whole document. An error comes with the place in the input where it was noticed.
pub fn summarize(input: &[u8]) -> Result<Summary, (Fault, usize)> {
    if let Err(error) = core::str::from_utf8(input) {
        return Err((Fault::Encoding, error.valid_up_to()));
    }
    let mut reader = Reader { input, place: 0, summary: Summary::default() };
    reader.document().map_err(|fault| (fault, reader.place))?;
    Ok(reader.summary)
}

/// What is open around the next value.
#[derive(Clone, Copy)]
enum Open {
    Array,
    Object,
}

struct Reader<'a> {
    input: &'a [u8],
    place: usize,
    summary: Summary,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        let mut open = Vec::new();
        loop {
            if !self.value(&mut open)? && !self.after_value(&mut open)? {
                self.space();
                return if self.peek().is_none() { Ok(()) } else { Err(Fault::Character) };
            }
        }
    }

    /// Reads a scalar, or the start of an array or object up to its first value: then `true`.
    fn value(&mut self, open: &mut Vec<Open>) -> Result<bool, Fault> {
        self.space();
        self.summary.values += 1;
        match self.peek().ok_or(Fault::End)? {
            b'[' => return self.start(open, Open::Array),
            b'{' => return self.start(open, Open::Object),
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => return Err(Fault::Character),
        }
        Ok(false)
    }

    fn start(&mut self, open: &mut Vec<Open>, kind: Open) -> Result<bool, Fault> {
        if open.len() == DEPTH_MAX {
            return Err(Fault::Depth);
        }
        self.place += 1;
        open.push(kind);
        self.summary.depth = self.summary.depth.max(open.len() as u32);
        self.space();
        let (end, is_object) = match kind {
            Open::Array => (b']', false),
            Open::Object => (b'}', true),
        };
        if self.peek() == Some(end) {
            self.place += 1;
            open.pop();
            return Ok(false);
        }
        if is_object {
            self.name()?;
        }
        Ok(true)
    }

    /// Reads what follows a value. `false` if nothing is open any more.
    fn after_value(&mut self, open: &mut Vec<Open>) -> Result<bool, Fault> {
        while let Some(kind) = open.last() {
            self.space();
            match (self.peek().ok_or(Fault::End)?, kind) {
                (b',', Open::Array) => {
                    self.place += 1;
                    return Ok(true);
                }
                (b',', Open::Object) => {
                    self.place += 1;
                    self.name()?;
                    return Ok(true);
                }
                (b']', Open::Array) | (b'}', Open::Object) => {
                    self.place += 1;
                    open.pop();
                }
                _ => return Err(Fault::Character),
            }
        }
        Ok(false)
    }

    /// A member's name with its colon.
    fn name(&mut self) -> Result<(), Fault> {
        self.space();
        self.string()?;
        self.space();
        self.expect(b':')
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.expect(b'"')?;
        loop {
            match self.peek().ok_or(Fault::End)? {
                b'"' => break,
                b'\\' => self.escape()?,
                0..0x20 => return Err(Fault::Character),
                _ => self.place += 1,
            }
        }
        self.expect(b'"')
    }

    fn escape(&mut self) -> Result<(), Fault> {
        self.place += 1;
        let kind = self.peek().ok_or(Fault::End)?;
        if !br#""\/bfnrtu"#.contains(&kind) {
            return Err(Fault::Escape);
        }
        self.place += 1;
        for _ in 0..if kind == b'u' { 4 } else { 0 } {
            if !self.peek().ok_or(Fault::End)?.is_ascii_hexdigit() {
                return Err(Fault::Escape);
            }
            self.place += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Fault> {
        let negative = self.skip(b"-");
        let mut value: i64 = 0;
        if !self.skip(b"0") {
            value = self.digits()?;
        }
        let mut integer = true;
        if self.skip(b".") {
            integer = false;
            self.digits()?;
        }
        if self.skip(b"eE") {
            integer = false;
            self.skip(b"+-");
            self.digits()?;
        }
        if integer {
            let value = if negative { value.wrapping_neg() } else { value };
            self.summary.sum = self.summary.sum.wrapping_add(value);
        }
        Ok(())
    }

    /// One digit or more, and their value modulo 2^64.
    fn digits(&mut self) -> Result<i64, Fault> {
        if !self.peek().ok_or(Fault::End)?.is_ascii_digit() {
            return Err(Fault::Character);
        }
        let mut value: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.place += 1;
        }
        Ok(value)
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Fault> {
        word.iter().try_for_each(|byte| self.expect(*byte))
    }

    fn space(&mut self) {
        while self.skip(b" \t\n\r") {}
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.place).copied()
    }

    /// Goes past one byte if it is one of these.
    fn skip(&mut self, any: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| any.contains(&byte));
        self.place += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        if self.peek().ok_or(Fault::End)? != byte {
            return Err(Fault::Character);
        }
        self.place += 1;
        Ok(())
    }
}
