//! Bytes gathered into whole words, as the call that commits them asks for.

#[cfg(test)]
mod tests;

/// What one call can commit. Its size is a whole number of words.
#[repr(align(4))]
pub struct Block([u8; Self::BYTES]);

impl Block {
    /// The size.
    pub const BYTES: usize = 4096;

    /// Where it lies.
    #[cfg(target_os = "none")]
    pub const fn as_ptr(&self) -> *const u8 {
        self.0.as_ptr()
    }
}

/// The public output that is not committed yet.
pub struct Writer {
    block: Block,
    used: usize,
}

impl Writer {
    /// Nothing yet.
    pub const fn new() -> Self {
        Self { block: Block([0; Block::BYTES]), used: 0 }
    }

    /// Takes bytes, and passes each full block on.
    pub fn write(&mut self, mut bytes: &[u8], mut sink: impl FnMut(&Block, usize)) {
        while !bytes.is_empty() {
            let count = bytes.len().min(Block::BYTES - self.used);
            let (now, later) = bytes.split_at(count);
            self.block.0[self.used..self.used + count].copy_from_slice(now);
            bytes = later;
            self.used += count;
            if self.used == Block::BYTES {
                sink(&self.block, self.used);
                self.used = 0;
            }
        }
    }

    /// Passes the rest on. Nothing may be written after that.
    pub fn finish(&mut self, mut sink: impl FnMut(&Block, usize)) {
        let end = self.used.next_multiple_of(size_of::<u32>());
        self.block.0[self.used..end].fill(0);
        if self.used > 0 {
            sink(&self.block, self.used);
        }
        self.used = 0;
    }
}
