//! Tokens in a file.

mod location;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use etcetera::BaseStrategy as _;
use sha2::{Digest as _, Sha256};

use super::errors::failed;
use super::local::{Local, local_methods};
#[cfg(feature = "encryption")]
use super::seal::StoreKey;
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};
use location::Location;

/// Stores tokens in a file, which outlives the process and can be shared by many processes.
///
/// One process refreshes at a time, and the others adopt the tokens that it saved. The file is replaced atomically, and
/// only its owner can access it (`0600`, in a directory with `0700` if the store creates it). A link in place of the
/// file is refused with an error. An unreadable file is renamed to `….corrupt-…` and reported as an
/// [`EventKind::StoreFailed`](crate::EventKind::StoreFailed), and the session starts signed out.
///
/// A session checks the modification time of the file before each call, and so detects a login, a refresh, or a
/// sign-out in another process before its next call is sent.
///
/// There are two more files next to it: `….flight` is locked during a refresh, `….lock` while the file is written. The
/// system releases both locks when their holder dies. Do not delete these files while the store is in use. The file
/// system has to support locks: use a local one, or a network file system with working locks.
///
/// ```
/// use perennial::store::{FileStore, TokenStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("perennial-doc-{}", std::process::id()));
/// # let path = directory.join("tokens.json");
/// let store = FileStore::at(path);
/// assert!(store.load().await?.is_none());
/// let of_ann = store.clone().named("ann");
/// assert!(of_ann.path().ends_with("tokens.ann.json"));
/// // The session creates the store of a further credential itself.
/// let of_device = store.for_credential("device").and_then(|store| store.location());
/// assert!(of_device.is_some_and(|location| location.ends_with("tokens+device.json")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    local: Local<Location>,
}

#[cfg(not(feature = "encryption"))]
crate::types::never! {
    impl[] FileStore where super::EncryptedStore { encrypted with_key }
}

impl FileStore {
    /// Stores tokens in the file at this path. A missing directory is created; an existing one is not changed.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        // A program that changes its working directory keeps using the same file.
        let path = std::path::absolute(&path).unwrap_or(path);
        Self::of(Location::new(path, false))
    }

    /// Stores tokens in `tokens.json` in the program's directory, named `app`, below the platform's data
    /// directory: `~/.local/share/app` or `$XDG_DATA_HOME/app`, `~/Library/Application
    /// Support/app`, `%APPDATA%\app`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the user has no home directory, or if `app` is not a valid directory name.
    pub fn in_data_dir(app: &str) -> Result<Self, StoreError> {
        let path = data_dir(app)?.join("tokens.json");
        Ok(Self::of(Location::new(path, true)))
    }

    /// Stores the tokens of one of several users, in a separate file: `tokens.json` becomes
    /// `tokens.<name>.json`. Any name works: characters that a file system may not accept are escaped, and the
    /// end of a long name is replaced by a hash of the whole.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let mut location = Arc::unwrap_or_clone(self.local.location);
        location.path = with_ending(&location.path, '.', name);
        name.clone_into(&mut location.name);
        Self::of(location)
    }

    /// Encrypts the file. A file in plain text is still read, and is encrypted by the next write; a file that is
    /// encrypted with another key is neither read nor written.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn encrypted(self, key: StoreKey) -> Self {
        let mut location = Arc::unwrap_or_clone(self.local.location);
        location.codec.key = Some(key);
        Self::of(location)
    }

    /// The path of the token file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.local.location.path
    }

    fn of(location: Location) -> Self {
        Self { local: Local::at(location) }
    }

    /// A separate file next to this one: `tokens.json` becomes `tokens+<credential>.json`. The escaped name of a user
    /// contains no plus sign, so the two never collide.
    fn of_credential(&self, credential: &str) -> Self {
        let mut location = Location::clone(&self.local.location);
        location.path = with_ending(&location.path, '+', credential);
        location.name = format!("{}\0{credential}", location.name);
        Self::of(location)
    }
}

impl TokenStore for FileStore {
    local_methods!();

    /// Checks the modification time of the file, which takes about a microsecond on a local file system.
    fn may_have_changed(&self) -> bool {
        self.local.may_have_changed()
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        Some(Arc::new(self.of_credential(name)))
    }

    fn location(&self) -> Option<String> {
        Some(format!("file:{}", canonical(self.path()).display()))
    }

    fn encryption(&self) -> Option<String> {
        self.local.location.codec.key_name()
    }
}

/// The directory of a program below the platform's data directory.
pub(super) fn data_dir(app: &str) -> Result<PathBuf, StoreError> {
    let mut parts = Path::new(app).components();
    let is_name = matches!(parts.next(), Some(std::path::Component::Normal(_)));
    if !is_name || parts.next().is_some() {
        return Err(StoreError::failed(format!("{app:?} is not the name of a directory")));
    }
    let strategy = etcetera::base_strategy::choose_native_strategy()
        .map_err(|error| failed(format!("there is no data directory for {app:?}"), error))?;
    Ok(strategy.data_dir().join(app))
}

/// A sibling of `path`, with a name before its extension.
fn with_ending(path: &Path, mark: char, name: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let name = as_file_name(name);
    path.with_file_name(match (&*ending, &*name) {
        // Such a name would be the ending of another file of the store, or none. No escaped name begins like this.
        ("", "" | "lock" | "flight") => format!("{stem}{mark}%{name}"),
        ("", name) => format!("{stem}{mark}{name}"),
        (ending, name) => format!("{stem}{mark}{name}.{ending}"),
    })
}

/// The maximum length of an escaped name. A file name may have 255 bytes, in which the names of a user and of a
/// credential and the ending of a file that was set aside have to fit.
const LONGEST_NAME: usize = 100;

/// Escapes a name for any file system, including those that ignore case.
pub(super) fn as_file_name(name: &str) -> String {
    let escaped = escape(name);
    if escaped.len() <= LONGEST_NAME {
        return escaped;
    }
    // No escaped name contains a tilde, so a shortened name never equals another name.
    let hash = Bytes::copy_from_slice(&Sha256::digest(name));
    format!("{}~{hash:x}", &escaped[..LONGEST_NAME - 65])
}

fn escape(name: &str) -> String {
    let mut file = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'@' => file.push(byte.into()),
            // Writing to a string cannot fail.
            _ => drop(write!(file, "%{byte:02x}")),
        }
    }
    file
}

/// Resolves the links in the path of a file, as far as its directories exist.
fn canonical(path: &Path) -> PathBuf {
    let known = path
        .ancestors()
        .skip(1)
        .find_map(|above| Some((above.canonicalize().ok()?, path.strip_prefix(above).ok()?)));
    known.map_or_else(|| path.to_owned(), |(above, below)| above.join(below))
}

#[cfg(test)]
mod tests;
