//! A disk in RAM on which something else can happen just before or after a read, or during a sync.

use std::{io, path::PathBuf, sync::Arc};

use parking_lot::Mutex;

use crate::disk::{Disk, DiskFile, DiskLock, MemoryDisk};

type Hook = Option<Box<dyn FnOnce() + Send>>;
type SyncHook = Option<Box<dyn FnOnce() -> io::Result<()> + Send>>;

#[derive(Clone, Default)]
pub(crate) struct HookedDisk {
    disk: MemoryDisk,
    hooks: Arc<Mutex<[Hook; 2]>>,
    sync_hook: Arc<Mutex<SyncHook>>,
}

impl HookedDisk {
    /// Sets what happens before and after the next read.
    pub(crate) fn around_read(
        &self,
        before: impl FnOnce() + Send + 'static,
        after: impl FnOnce() + Send + 'static,
    ) {
        *self.hooks.lock() = [Some(Box::new(before)), Some(Box::new(after))];
    }

    /// Sets what the next sync of a file does instead.
    pub(crate) fn at_sync(&self, hook: impl FnOnce() -> io::Result<()> + Send + 'static) {
        *self.sync_hook.lock() = Some(Box::new(hook));
    }

    fn hooked(&self, file: Arc<dyn DiskFile>) -> Arc<dyn DiskFile> {
        let (hooks, sync_hook) = (self.hooks.clone(), self.sync_hook.clone());
        Arc::new(HookedFile { file, hooks, sync_hook })
    }
}

struct HookedFile {
    file: Arc<dyn DiskFile>,
    hooks: Arc<Mutex<[Hook; 2]>>,
    sync_hook: Arc<Mutex<SyncHook>>,
}

impl DiskFile for HookedFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let [before, after] = std::mem::take(&mut *self.hooks.lock());
        if let Some(hook) = before {
            hook();
        }
        let result = self.file.read_at(offset, buffer);
        if let Some(hook) = after {
            hook();
        }
        result
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn sync_data(&self) -> io::Result<()> {
        let hook = self.sync_hook.lock().take();
        hook.map_or_else(|| self.file.sync_data(), |hook| hook())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.file.truncate(length)
    }

    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
}

impl Disk for HookedDisk {
    fn open(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.open(path).map(|file| self.hooked(file))
    }

    fn create(&self, path: &str) -> io::Result<Arc<dyn DiskFile>> {
        self.disk.create(path).map(|file| self.hooked(file))
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        self.disk.create_folder(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(path)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        self.disk.list(folder)
    }

    fn sync_folder(&self, folder: &str) -> io::Result<()> {
        self.disk.sync_folder(folder)
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        self.disk.exists(path)
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<DiskLock>> {
        self.disk.try_lock(path)
    }

    fn locate(&self, path: &str) -> PathBuf {
        self.disk.locate(path)
    }
}
