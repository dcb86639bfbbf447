//! A data directory in memory, and one in which a file is something else.

use std::{collections::BTreeMap, io::Read, sync::Arc};

use minster_storage::{
    Storage,
    directory::{FOLDERS, Identity},
    disk::{Disk, MemoryDisk},
};

/// All files of a data directory, by path.
#[derive(Debug)]
pub struct Directory {
    files: BTreeMap<String, Vec<u8>>,
    identity: Identity,
}

impl Directory {
    /// The files on a disk.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn of(disk: &dyn Disk, identity: Identity) -> Self {
        let mut files = BTreeMap::new();
        for folder in [""].into_iter().chain(FOLDERS) {
            for name in disk.list(folder).expect("a folder") {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let Ok(file) = disk.open(&path) else { continue };
                let length = usize::try_from(file.length().expect("a length")).expect("in memory");
                let mut bytes = vec![0; length];
                assert_eq!(file.read_at(0, &mut bytes).expect("its bytes"), length);
                files.insert(path, bytes);
            }
        }
        Self { files, identity }
    }

    /// The same after kill -9 instead of a clean stop: without the snapshot that a stop writes, and
    /// without the segment of the log that it begins.
    pub fn killed(mut self) -> Self {
        let newest =
            |ending: &str| self.files.keys().filter(|path| path.ends_with(ending)).max().cloned();
        for path in [newest(".snapshot"), newest(".wal")].into_iter().flatten() {
            self.files.remove(&path);
        }
        self
    }

    /// The largest file whose path contains this.
    ///
    /// # Panics
    /// When there is none.
    pub fn file(&self, part: &str) -> (&str, &Vec<u8>) {
        let found = self.files.iter().filter(|(path, _)| path.contains(part));
        let largest = found.max_by_key(|(_, bytes)| bytes.len());
        largest.map(|(path, bytes)| (path.as_str(), bytes)).expect("such a file")
    }

    /// Opens the directory with other bytes in one file, and reads all there is. Whether it opens.
    ///
    /// # Panics
    /// When a directory that opened does not open again with the same content.
    pub fn read_with(&self, path: &str, bytes: &[u8]) -> bool {
        let disk = MemoryDisk::default();
        for folder in FOLDERS {
            disk.create_folder(folder).expect("a folder");
        }
        for (name, whole) in &self.files {
            let content = if name == path { bytes } else { whole };
            disk.create(name).expect("a file").write_at(0, content).expect("its bytes");
        }
        let Some(first) = self.read(&disk) else { return false };
        let second = self.read(&disk).expect("what opened once opens again");
        assert_eq!(first, second, "the second look at {path}");
        true
    }

    /// What a node would read: records that are there, and that others are not.
    fn read(&self, disk: &MemoryDisk) -> Option<Vec<Option<Vec<u8>>>> {
        let storage = Storage::open_on(Arc::new(disk.clone()), &self.identity).ok()?;
        let mut found = Vec::new();
        if let Ok(replay) = storage.wal.replay(storage.wal.first_sequence()) {
            for record in replay {
                let is_end = record.is_err();
                found.push(record.ok().map(|(_, bytes)| bytes));
                if is_end {
                    break;
                }
            }
        }
        for archive in [&storage.blocks, &storage.changes, &storage.batches] {
            let numbers = archive
                .first()
                .into_iter()
                .flat_map(|first| first..=archive.last().unwrap_or(first));
            found.extend(numbers.map(|number| archive.get(number).ok().flatten()));
        }
        for candidate in storage.snapshots.candidates().into_iter().flatten() {
            let mut content = Vec::new();
            let read = candidate.content.map(|mut reader| reader.read_to_end(&mut content));
            found.push(read.is_ok().then_some(content));
        }
        Some(found)
    }
}
