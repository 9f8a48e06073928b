#![allow(clippy::unwrap_used)]

mod names;
#[cfg(unix)]
mod permissions;

use std::fs;
use std::time::SystemTime;

use super::*;
use crate::Tokens;
use crate::stores::disk;

/// A directory for one test, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("perennial-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn store(&self) -> FileStore {
        FileStore::at(self.0.join("tokens.json"))
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn stored(login: u64, generation: u64) -> Stored {
    let tokens = Tokens::new(format!("access-{login}-{generation}")).with_refresh("refresh");
    Stored::new(Version { login, generation }, tokens, SystemTime::UNIX_EPOCH)
}

#[tokio::test]
async fn tokens_that_one_handle_saves_another_loads() {
    let scratch = Scratch::new("file-shared");
    let (one, other) = (scratch.store(), scratch.store());
    assert!(other.load().await.unwrap().is_none());
    one.save(&stored(1, 1), None).await.unwrap();
    assert_eq!(other.load().await.unwrap(), Some(stored(1, 1)));
    other.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    assert_eq!(one.load().await.unwrap(), Some(stored(1, 2)));
}

#[tokio::test]
async fn nothing_unexpected_is_overwritten() {
    let scratch = Scratch::new("file-conflict");
    let store = scratch.store();
    store.save(&stored(1, 2), None).await.unwrap();
    for over in [None, Some(stored(1, 1).version), Some(stored(2, 2).version)] {
        let saved = store.save(&stored(3, 3), over).await;
        assert!(matches!(saved, Err(StoreError::Conflict)), "{saved:?}");
    }
    assert!(matches!(store.clear(stored(1, 1).version).await, Err(StoreError::Conflict)));
    assert_eq!(store.load().await.unwrap(), Some(stored(1, 2)));
    store.clear(stored(1, 2).version).await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
}

#[tokio::test]
async fn a_sign_out_is_distinguished_from_a_missing_file() {
    let scratch = Scratch::new("file-gone");
    let (store, fresh) = (scratch.store(), scratch.store());
    store.save(&stored(1, 1), None).await.unwrap();
    fs::remove_file(store.path()).unwrap();
    assert!(matches!(store.load().await, Err(StoreError::Failed(_))));
    assert_eq!(fresh.load().await.unwrap(), None, "who has seen nothing misses nothing");
    store.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    store.clear(stored(1, 2).version).await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    let late = store.save(&stored(1, 3), Some(stored(1, 2).version)).await;
    assert!(
        matches!(late, Err(StoreError::Conflict)),
        "a refresh brought a sign-out back: {late:?}"
    );
    let text = fs::read_to_string(store.path()).unwrap();
    assert!(!text.contains("access") && !text.contains("refresh"), "{text}");
}

#[tokio::test]
async fn an_unreadable_record_is_set_aside_and_reported_once() {
    let scratch = Scratch::new("file-corrupt");
    for garbage in ["", "{\"version\":1,\"tok", "\0\0\0\0", "{\"version\":99}"] {
        let store = scratch.store();
        fs::write(store.path(), garbage).unwrap();
        let told = store.load().await;
        assert!(matches!(told, Err(StoreError::Corrupt(_))), "{garbage:?}: {told:?}");
        assert_eq!(store.load().await.unwrap(), None);
        let aside: Vec<_> =
            scratch.names().into_iter().filter(|name| name.contains(".corrupt-")).collect();
        assert_eq!(aside.len(), 1, "{aside:?}");
        let aside = scratch.0.join(&aside[0]);
        assert_eq!(fs::read_to_string(&aside).unwrap(), garbage);
        fs::remove_file(aside).unwrap();
    }
}

/// The text of an error, which must contain `path`.
fn said<T>(result: Result<T, StoreError>, path: &Path) -> String {
    let told = result.err().unwrap().to_string();
    assert!(told.contains(path.to_str().unwrap()), "{told}");
    told
}

#[tokio::test]
async fn an_error_names_the_failed_action_the_file_and_the_help() {
    let scratch = Scratch::new("file-told");
    let (store, tokens) = (scratch.store(), stored(1, 1));
    let path = store.path();
    let [lock, flight] = ["lock", "flight"].map(|ending| disk::beside(path, ending));
    let no_file = "it is not a regular file; remove it";
    for directory in [path, &lock, &flight] {
        fs::create_dir(directory).unwrap();
    }
    assert!(said(store.load().await, path).ends_with(&format!("cannot be read: {no_file}")));
    assert!(said(store.lock(Duration::ZERO).await, &flight).contains("cannot be locked: "));
    assert!(said(store.save(&tokens, None).await, &lock).contains("cannot be locked: "));
    for directory in [path, &lock, &flight] {
        fs::remove_dir(directory).unwrap();
    }
    // The file is first written beside its place.
    fs::create_dir(disk::beside(path, "new")).unwrap();
    assert!(said(store.save(&tokens, None).await, path).contains("cannot be written: "));
    fs::remove_dir(disk::beside(path, "new")).unwrap();
    fs::write(path, "damaged").unwrap();
    assert!(said(store.load().await, path).contains("; it was moved to "));
    store.save(&tokens, None).await.unwrap();
    fs::remove_file(path).unwrap();
    assert!(said(store.load().await, path).starts_with("the token file is missing: "));
    fs::write(path, "").unwrap();
    let nowhere = FileStore::at(path.join("below/tokens.json"));
    assert!(
        said(nowhere.save(&tokens, None).await, &path.join("below"))
            .contains("cannot be created: ")
    );
}

#[tokio::test]
async fn a_file_that_a_dead_writer_left_is_replaced() {
    let scratch = Scratch::new("file-left");
    let store = scratch.store();
    store.save(&stored(1, 1), None).await.unwrap();
    fs::write(scratch.0.join("tokens.json.new"), "{\"version\":1,\"tok").unwrap();
    assert_eq!(store.load().await.unwrap(), Some(stored(1, 1)));
    store.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    assert_eq!(store.load().await.unwrap(), Some(stored(1, 2)));
    assert_eq!(scratch.names(), ["tokens.json", "tokens.json.lock"]);
}

#[tokio::test]
async fn one_at_a_time_has_the_lock_and_patience_ends() {
    let scratch = Scratch::new("file-lock");
    let (one, other) = (scratch.store(), scratch.store());
    let held = one.lock(Duration::ZERO).await.unwrap().unwrap();
    assert!(matches!(other.lock(Duration::ZERO).await, Err(StoreError::Locked)));
    let began = std::time::Instant::now();
    let patience = Duration::from_millis(80);
    assert!(matches!(other.lock(patience).await, Err(StoreError::Locked)));
    assert!(began.elapsed() >= patience);
    // Saving needs only the write lock.
    other.save(&stored(1, 1), None).await.unwrap();
    let waiting = tokio::spawn(async move { other.lock(Duration::from_secs(20)).await });
    tokio::time::sleep(Duration::from_millis(30)).await;
    assert!(!waiting.is_finished());
    held.release().await;
    assert!(waiting.await.unwrap().unwrap().is_some());
}

#[test]
fn a_store_works_where_there_is_no_runtime() {
    let scratch = Scratch::new("file-bare");
    let store = scratch.store();
    let saved = block_on(store.save(&stored(1, 1), None));
    saved.unwrap();
    assert_eq!(block_on(store.load()).unwrap(), Some(stored(1, 1)));
}

/// Waits by parking the thread.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(done) => return done,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[tokio::test]
async fn a_store_notices_writes_of_others_but_not_its_own() {
    let scratch = Scratch::new("file-notice");
    let (one, other) = (scratch.store(), scratch.store());
    assert!(one.may_have_changed(), "nobody has looked yet");
    assert!(one.load().await.unwrap().is_none());
    assert!(!one.may_have_changed());
    other.save(&stored(1, 1), None).await.unwrap();
    assert!(one.may_have_changed() && !other.may_have_changed());
    let late = one.save(&stored(2, 1), None).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    assert!(one.may_have_changed(), "what it could not overwrite it has not read");
    one.load().await.unwrap();
    assert!(!one.may_have_changed());
    one.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    assert!(!one.may_have_changed() && other.may_have_changed());
    one.clear(stored(1, 2).version).await.unwrap();
    assert!(!one.may_have_changed());
    fs::remove_file(one.path()).unwrap();
    assert!(one.may_have_changed());
    assert!(one.load().await.is_err());
    assert!(!one.may_have_changed(), "a loss is told once, not before each call");
}

#[cfg(feature = "encryption")]
#[tokio::test]
async fn an_encrypted_file_is_not_touched_without_the_key() {
    let scratch = Scratch::new("file-sealed");
    let plain = scratch.store();
    plain.save(&stored(1, 1), None).await.unwrap();
    let sealed = scratch.store().encrypted(StoreKey::new([1; 32]));
    assert_eq!(sealed.load().await.unwrap(), Some(stored(1, 1)), "a plain file is taken over");
    sealed.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    let text = fs::read_to_string(plain.path()).unwrap();
    assert!(!text.contains("access-1"), "{text}");
    for stranger in [scratch.store(), scratch.store().encrypted(StoreKey::new([2; 32]))] {
        let told = said(stranger.load().await, plain.path());
        assert!(
            told.contains("they are encrypted") && told.contains("; give the store the key"),
            "{told}"
        );
        assert!(matches!(stranger.save(&stored(9, 9), None).await, Err(StoreError::Failed(_))));
    }
    assert_eq!(fs::read_to_string(plain.path()).unwrap(), text);
    assert_eq!(sealed.load().await.unwrap(), Some(stored(1, 2)));
    let of_device = sealed.for_credential("device").unwrap();
    of_device.save(&stored(2, 1), None).await.unwrap();
    fs::copy(scratch.0.join("tokens+device.json"), plain.path()).unwrap();
    let moved = sealed.load().await;
    assert!(matches!(moved, Err(StoreError::Corrupt(_))), "one was taken for the other: {moved:?}");
}
