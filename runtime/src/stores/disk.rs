//! Files that hold secrets: how they are read, written, locked and set aside. All of it blocks.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::blocking::Unwanted;
use super::errors::trouble;
use crate::ports::store::StoreError;

/// More than any token set needs.
const LARGEST: u64 = 1024 * 1024;

/// The pauses between the tries to lock grow up to this.
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// How a file looks without being opened. Whoever replaces it changes that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outside {
    modified: Option<SystemTime>,
    length: u64,
    /// The device and the number of the file, where files have one.
    identity: Option<(u64, u64)>,
}

/// `None` if there is no file, or none that can be looked at.
pub(super) fn outside(path: &Path) -> Option<Outside> {
    let there = fs::symlink_metadata(path).ok()?;
    Some(Outside {
        modified: there.modified().ok(),
        length: there.len(),
        identity: identity(&there),
    })
}

#[cfg(unix)]
fn identity(there: &fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((there.dev(), there.ino()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Option<(u64, u64)> {
    None
}

/// A path beside another one, with an ending of its own.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".");
    name.push(ending);
    path.with_file_name(name)
}

/// Makes the directory of a file, for its owner alone, if it is not there.
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
        trouble(format!("the directory {} cannot be made", directory.display()), error)
    })
}

/// Takes the rights of others at the directory of a file away.
pub(super) fn tighten_directory(path: &Path) -> Result<(), StoreError> {
    let Some(directory) = path.parent() else { return Ok(()) };
    let tightened = match File::open(directory) {
        Ok(opened) => tighten(&opened, 0o700),
        Err(error) if error.kind() != io::ErrorKind::NotFound && cfg!(unix) => Err(error),
        Err(_) => Ok(()),
    };
    tightened.map_err(|error| {
        let directory = directory.display();
        trouble(format!("the rights of others at {directory} cannot be taken away"), error)
    })
}

/// What is in the file; `None` if there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, StoreError> {
    read_file(path)
        .map_err(|error| trouble(format!("the file {} cannot be read", path.display()), error))
}

fn read_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let file = match open(path, OpenOptions::new().read(true)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // On a file system that is mounted read-only it stays as it is, and can be read all the same.
    let _ = tighten(&file, 0o600);
    let mut bytes = Vec::new();
    file.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Replaces the file as a whole: whoever reads it sees what was there before, or all of this. The
/// lock that guards writing has to be held.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    replace(path, bytes)
        .map_err(|error| trouble(format!("the file {} cannot be written", path.display()), error))
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    refuse_unless_file(path)?;
    let new = beside(path, "new");
    // A writer that died has left it.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let written = write_new(&new, bytes).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // What is half written is of no use; if it cannot be removed, the next writer does.
        let _ = fs::remove_file(&new);
    }
    written?;
    // Without this the new name may be lost with the power, and with it the only valid token.
    #[cfg(unix)]
    if let Some(directory) = path.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Locks a file of its own. The system lets go of the lock when the file is closed, however that
/// comes about.
pub(super) fn lock(
    path: &Path,
    patience: Duration,
    unwanted: Option<&Unwanted>,
) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let failed = |error| trouble(format!("the file {} cannot be locked", path.display()), error);
    let file = open(path, &mut options).map_err(failed)?;
    // A patience beyond the end of the clock has no end.
    let until = Instant::now().checked_add(patience);
    let mut pause = Duration::from_millis(1);
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        let left =
            until.map_or(LONGEST_PAUSE, |until| until.saturating_duration_since(Instant::now()));
        if left.is_zero() || unwanted.is_some_and(Unwanted::is_so) {
            return Err(StoreError::Locked);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Renames what cannot be read, so that it is kept and out of the way.
pub(super) fn set_aside(path: &Path) -> Result<PathBuf, StoreError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let aside = beside(path, &format!("corrupt-{now}-{}", std::process::id()));
    match fs::rename(path, &aside) {
        Ok(()) => Ok(aside),
        Err(error) => {
            Err(trouble(format!("the file {} cannot be set aside", path.display()), error))
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

/// Opens a file that is not a link, nor anything else that only looks like a file.
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    private(options);
    // A writer may replace the file between the two looks.
    for _ in 0..100 {
        refuse_unless_file(path)?;
        let file = options.open(path)?;
        match fs::symlink_metadata(path) {
            Ok(there) if is_same(&file.metadata()?, &there) => return Ok(file),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("the file is replaced again and again"))
}

fn refuse_unless_file(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is a link or no file at all; remove it",
        )),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    identity(one) == identity(other)
}

/// Elsewhere a link to a file needs rights that let one read the file as well.
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

/// Elsewhere the rights come from the directory, which is the user's own by default.
#[cfg(not(unix))]
fn tighten(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}
