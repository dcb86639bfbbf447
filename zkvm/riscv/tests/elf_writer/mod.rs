//! Writes small ELF files, right ones and, by its public fields, wrong ones.

pub const HEADER_SIZE: usize = 52;
pub const SEGMENT_HEADER_SIZE: usize = 32;
const SECTION_HEADER_SIZE: usize = 40;

pub const LOAD: u32 = 1;
pub const READ: u32 = 4;
pub const WRITE: u32 = 2;
pub const EXECUTE: u32 = 1;

/// A segment whose bytes are placed one after the other behind the headers.
#[derive(Clone, Debug)]
pub struct Segment {
    pub kind: u32,
    pub flags: u32,
    pub address: u32,
    pub bytes: Vec<u8>,
    pub memory_size: u32,
}

impl Segment {
    pub fn new(flags: u32, address: u32, bytes: Vec<u8>) -> Self {
        let memory_size = bytes.len() as u32;
        Self { kind: LOAD, flags, address, bytes, memory_size }
    }

    pub fn code(address: u32, words: &[u32]) -> Self {
        let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        Self::new(READ | EXECUTE, address, bytes)
    }

    pub fn zeros(address: u32, memory_size: u32) -> Self {
        Self { memory_size, ..Self::new(READ | WRITE, address, Vec::new()) }
    }
}

#[derive(Clone, Debug)]
pub struct ElfFile {
    pub kind: u16,
    pub machine: u16,
    pub flags: u32,
    pub entry: u32,
    pub segments: Vec<Segment>,
    /// Functions: name, address, size.
    pub symbols: Vec<(String, u32, u32)>,
}

impl ElfFile {
    /// A static executable for RV32IM.
    pub fn executable(entry: u32, segments: Vec<Segment>) -> Self {
        Self { kind: 2, machine: 243, flags: 0, entry, segments, symbols: Vec::new() }
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        let headers = HEADER_SIZE + SEGMENT_HEADER_SIZE * self.segments.len();
        let mut segment_headers = Vec::new();
        let mut body = Vec::new();
        for segment in &self.segments {
            // A loader that maps pages wants offset and address to agree within a page.
            while (headers + body.len()) % 4096 != segment.address as usize % 4096 {
                body.push(0);
            }
            let offset = (headers + body.len()) as u32;
            let size = segment.bytes.len() as u32;
            let Segment { kind, flags, address, memory_size, .. } = *segment;
            push(
                &mut segment_headers,
                &[kind, offset, address, address, size, memory_size, flags, 4096],
            );
            body.extend(&segment.bytes);
        }
        let (sections, section_headers) = self.symbol_sections(headers + body.len());
        body.extend(sections);
        let section_count = section_headers.len() / SECTION_HEADER_SIZE;
        let section_start = if section_count == 0 { 0 } else { headers + body.len() };
        let mut file = b"\x7fELF\x01\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        file.extend(self.kind.to_le_bytes());
        file.extend(self.machine.to_le_bytes());
        push(&mut file, &[1, self.entry, HEADER_SIZE as u32, section_start as u32, self.flags]);
        let last = section_count.saturating_sub(1);
        let sizes = [HEADER_SIZE, SEGMENT_HEADER_SIZE, self.segments.len()];
        for size in sizes.into_iter().chain([SECTION_HEADER_SIZE, section_count, last]) {
            file.extend((size as u16).to_le_bytes());
        }
        [file, segment_headers, body, section_headers].concat()
    }

    /// A symbol table, its strings, and the headers of the two behind the null section's.
    fn symbol_sections(&self, start: usize) -> (Vec<u8>, Vec<u8>) {
        if self.symbols.is_empty() {
            return (Vec::new(), Vec::new());
        }
        let mut strings = vec![0];
        let mut table = vec![0; 16];
        for (name, address, size) in &self.symbols {
            push(&mut table, &[strings.len() as u32, *address, *size]);
            // A global function in section 1.
            table.extend([0x12, 0, 1, 0]);
            strings.extend(name.bytes().chain([0]));
        }
        let (start, size) = (start as u32, table.len() as u32);
        let mut headers = vec![0; SECTION_HEADER_SIZE];
        push(&mut headers, &[0, 2, 0, 0, start, size, 2, 1, 4, 16]);
        push(&mut headers, &[0, 3, 0, 0, start + size, strings.len() as u32, 0, 0, 1, 0]);
        ([table, strings].concat(), headers)
    }
}

fn push(bytes: &mut Vec<u8>, words: &[u32]) {
    bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
}
