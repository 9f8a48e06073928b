//! Tokens in a file.

mod place;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use etcetera::BaseStrategy as _;

use super::errors::trouble;
use super::local::Local;
use super::record::Codec;
#[cfg(feature = "encryption")]
use super::seal::StoreKey;
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored, TokenStore, Version};
use place::Place;

/// Tokens in a file that survives the process, and that many processes share.
///
/// One process refreshes at a time, and the others take over what it has saved. The file is replaced
/// as a whole, so that nobody sees half of one, and belongs to its owner alone (`0600`, in a directory
/// of `0700` where the store makes it). A link in its place is refused. What cannot be read is renamed
/// to `….corrupt-…` and told as an [`EventKind::StoreFailed`](crate::EventKind::StoreFailed), and the session
/// starts signed out.
///
/// A session looks at the date of the file before each call, and so notices a login, a renewal or a
/// sign-out of another process before its next call goes out.
///
/// Two more files lie beside it: `….flight` is locked while a refresh is under way, `….lock` while the
/// file is written. The system lets go of both locks when their holder dies. They are not to be
/// deleted while the store is in use, and the file system has to know locks: a local one, or a network
/// one on which locks work.
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
/// // The tokens of a further credential of the API, which the session keeps by itself.
/// let of_device = store.for_credential("device").and_then(|store| store.place());
/// assert!(of_device.is_some_and(|place| place.ends_with("tokens+device.json")));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    local: Local<Place>,
}

impl FileStore {
    /// Keeps tokens in the file of this path. A missing directory is made; one that is there is left
    /// as it is.
    #[must_use]
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        // A program that changes its directory goes on with the same file.
        let path = std::path::absolute(&path).unwrap_or(path);
        Self::of(Place {
            path,
            name: String::new(),
            owns_directory: false,
            codec: Codec::default(),
        })
    }

    /// Keeps tokens in `tokens.json` in the directory of the program `app` below the platform's
    /// directory for data: `~/.local/share/app` or `$XDG_DATA_HOME/app`, `~/Library/Application
    /// Support/app`, `%APPDATA%\app`.
    ///
    /// # Errors
    ///
    /// [`StoreError::Failed`] if the user has no home directory, or if `app` is no name of a directory.
    pub fn in_data_dir(app: &str) -> Result<Self, StoreError> {
        let path = data_dir(app)?.join("tokens.json");
        Ok(Self::of(Place {
            path,
            name: String::new(),
            owns_directory: true,
            codec: Codec::default(),
        }))
    }

    /// Keeps the tokens of one of several identities, in a file of its own beside the others:
    /// `tokens.json` becomes `tokens.<name>.json`. Any name will do.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        let mut place = Arc::unwrap_or_clone(self.local.place);
        place.path = with_ending(&place.path, '.', name);
        name.clone_into(&mut place.name);
        Self::of(place)
    }

    /// Encrypts what is written. A file that is not encrypted yet is read, and encrypted when it is
    /// next written; one that is encrypted with another key is neither read nor written.
    #[cfg(feature = "encryption")]
    #[must_use]
    pub fn encrypted(self, key: StoreKey) -> Self {
        let mut place = Arc::unwrap_or_clone(self.local.place);
        place.codec.key = Some(key);
        Self::of(place)
    }

    /// Where the tokens are.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.local.place.path
    }

    fn of(place: Place) -> Self {
        Self { local: Local::at(place) }
    }

    /// In a file of its own beside this one: `tokens.json` becomes `tokens+<credential>.json`. The name
    /// of an identity holds no plus, so that none of them meets it.
    fn of_credential(&self, credential: &str) -> Self {
        let mut place = Place::clone(&self.local.place);
        place.path = with_ending(&place.path, '+', credential);
        place.name = format!("{}\0{credential}", place.name);
        Self::of(place)
    }
}

impl TokenStore for FileStore {
    fn load(&self) -> BoxFuture<'_, Result<Option<Stored>, StoreError>> {
        Box::pin(self.local.load())
    }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        over: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(self.local.save(next.clone(), over))
    }

    fn clear(&self, over: Version) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.local.clear(over))
    }

    fn lock(&self, patience: Duration) -> BoxFuture<'_, Result<Option<StoreLock>, StoreError>> {
        Box::pin(async move { self.local.lock(patience).await.map(Some) })
    }

    /// A look at the date of the file, which costs about a microsecond where it is a local one.
    fn may_have_changed(&self) -> bool {
        self.local.may_have_changed()
    }

    fn for_credential(&self, name: &str) -> Option<Arc<dyn TokenStore>> {
        Some(Arc::new(self.of_credential(name)))
    }

    fn place(&self) -> Option<String> {
        Some(format!("file:{}", canonical(self.path()).display()))
    }
}

/// The directory of a program below the platform's directory for data.
pub(super) fn data_dir(app: &str) -> Result<PathBuf, StoreError> {
    let mut parts = Path::new(app).components();
    let is_name = matches!(parts.next(), Some(std::path::Component::Normal(_)));
    if !is_name || parts.next().is_some() {
        return Err(StoreError::failed(format!("{app:?} is no name of a directory")));
    }
    let strategy = etcetera::base_strategy::choose_native_strategy().map_err(|error| {
        trouble(format!("there is no directory for the data of {app:?}"), error)
    })?;
    Ok(strategy.data_dir().join(app))
}

/// A path beside another one, with a name before its extension.
fn with_ending(path: &Path, mark: char, name: &str) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    let dot = if ending.is_empty() { "" } else { "." };
    path.with_file_name(format!("{stem}{mark}{}{dot}{ending}", as_file_name(name)))
}

/// A name that every file system takes, and that tells upper from lower case on all of them.
pub(super) fn as_file_name(name: &str) -> String {
    use std::fmt::Write as _;
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

/// One name for each file, whatever links lead to its directory. What does not exist yet is no link.
fn canonical(path: &Path) -> PathBuf {
    let known = path
        .ancestors()
        .skip(1)
        .find_map(|above| Some((above.canonicalize().ok()?, path.strip_prefix(above).ok()?)));
    known.map_or_else(|| path.to_owned(), |(above, below)| above.join(below))
}

#[cfg(test)]
mod tests;
