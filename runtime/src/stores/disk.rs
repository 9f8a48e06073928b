//! Reads, writes, locks, and sets aside files that hold secrets. All of it blocks.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::errors::failed;
use crate::ports::store::StoreError;

/// Larger than any token set.
const LARGEST: u64 = 1024 * 1024;

/// The pauses between attempts to lock grow up to this.
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// The status of a file, which changes when the file is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileStatus {
    modified: Option<SystemTime>,
    length: u64,
    /// The device and the inode, on file systems that have them.
    identity: Option<(u64, u64)>,
}

/// `None` if there is no file, or its status cannot be read.
pub(super) fn status(path: &Path) -> Option<FileStatus> {
    let found = fs::symlink_metadata(path).ok()?;
    Some(FileStatus {
        modified: found.modified().ok(),
        length: found.len(),
        identity: identity(&found),
    })
}

#[cfg(unix)]
fn identity(found: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// A sibling of `path` with this ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Creates the directory of a file if it is missing, accessible to its owner only.
pub(super) fn make_directory(path: &Path) -> Result<(), StoreError> {
    let Some(directory) = path.parent() else { return Ok(()) };
    if directory.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| {
        failed(format!("the directory {} cannot be created", directory.display()), error)
    })
}

/// Removes other users' permissions for the directory of a file.
pub(super) fn tighten_directory(path: &Path) -> Result<(), StoreError> {
    let Some(directory) = path.parent() else { return Ok(()) };
    let tightened = match File::open(directory) {
        Ok(opened) => tighten(&opened, 0o700),
        Err(error) if error.kind() != io::ErrorKind::NotFound && cfg!(unix) => Err(error),
        Err(_) => Ok(()),
    };
    tightened.map_err(|error| {
        let directory = directory.display();
        failed(format!("other users' permissions on {directory} cannot be removed"), error)
    })
}

/// Reads the file; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    read_file(path)
        .map_err(|error| failed(format!("the file {} cannot be read", path.display()), error))
}

fn read_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match open(path, OpenOptions::new().read(true)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // This fails on a read-only file system, where the file can still be read.
    let _ = tighten(&file, 0o600);
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Replaces the file atomically: a reader sees the old content or the new. The caller holds the lock for
/// writing.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    replace(path, bytes)
        .map_err(|error| failed(format!("the file {} cannot be written", path.display()), error))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    refuse_unless_file(path)?;
    let new = beside(path, "new");
    // A process that died while writing left it behind.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = write_new(&new, bytes).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // If the partial file cannot be removed, the next write removes it.
        let _ = fs::remove_file(&new);
    }
    written?;
    // Without this, a power failure may lose the new name, and with it the only valid token.
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Locks a separate file, waiting no longer than `wanted` exists. The system releases the lock when the file is
/// closed, even by a crash.
pub(super) fn lock(
    path: &Path,
    timeout: Duration,
    wanted: Option<&Weak<()>>,
) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let cannot_lock =
        |error| failed(format!("the file {} cannot be locked", path.display()), error);
    let file = open(path, &mut options).map_err(cannot_lock)?;
    // A timeout beyond the range of the clock never ends.
    let until = Instant::now().checked_add(timeout);
    let mut pause = Duration::from_millis(1);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(cannot_lock(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let left =
            until.map_or(LONGEST_PAUSE, |until| until.saturating_duration_since(Instant::now()));
        if left.is_zero() || wanted.is_some_and(|it| it.strong_count() == 0) {
            return Err(StoreError::Locked);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Renames an unreadable file, which preserves it and moves it out of the way.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let aside = beside(path, &format!("corrupt-{now}-{}", std::process::id()));
    match fs::rename(path, &aside) {
        Ok(()) => Ok(aside),
        Err(error) => {
            Err(failed(format!("the file {} cannot be set aside", path.display()), error))
        }
    }
}

fn write_new(new: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    private(&mut options);
    let mut file = options.open(new)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Opens a regular file, but no link or anything else.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    private(options);
    // The file may be replaced between the two checks.
    for _ in 0..100 {
        refuse_unless_file(path)?;
        let file = options.open(path)?;
        match fs::symlink_metadata(path) {
            Ok(found) if is_same(&file.metadata()?, &found) => return Ok(file),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("the file is replaced continuously"))
}

fn refuse_unless_file(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file; remove it"))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    identity(one) == identity(other)
}

/// On other systems, creating a link requires permissions that also allow reading the file.
#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, other: &fs::Metadata) -> bool {
    other.is_file()
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
fn private(_: &mut OpenOptions) {}

#[cfg(unix)]
fn tighten(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if file.metadata()?.permissions().mode() & 0o777 & !mode != 0 {
        file.set_permissions(fs::Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// On other systems the permissions come from the directory, which belongs to the user by default.
#[cfg(not(unix))]
fn tighten(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}
