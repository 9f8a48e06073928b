#![allow(clippy::unwrap_used)]

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

#[cfg(unix)]
#[tokio::test]
async fn files_belong_only_to_their_owner_and_wider_permissions_are_removed() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let scratch = Scratch::new("file-modes");
    let below = scratch.0.join("made/for/it");
    let store = FileStore::at(below.join("tokens.json"));
    store.save(&stored(1, 1), None).await.unwrap();
    drop(store.lock(Duration::ZERO).await.unwrap());
    for directory in ["made", "made/for", "made/for/it"] {
        assert_eq!(mode(&scratch.0.join(directory)), 0o700, "{directory}");
    }
    for file in ["tokens.json", "tokens.json.lock", "tokens.json.flight"] {
        assert_eq!(mode(&below.join(file)), 0o600, "{file}");
    }
    fs::set_permissions(store.path(), fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(store.load().await.unwrap(), Some(stored(1, 1)));
    assert_eq!(mode(store.path()), 0o600);
}

#[cfg(unix)]
#[tokio::test]
async fn the_directory_of_the_program_is_tightened_and_any_other_is_not() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new("file-directory");
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(&scratch.0, open.clone()).unwrap();
    let store = scratch.store();
    store.save(&stored(1, 1), None).await.unwrap();
    let mode = || fs::metadata(&scratch.0).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(), 0o755);
    let own = FileStore::of(Location { owns_directory: true, ..(*store.local.location).clone() });
    own.save(&stored(1, 2), Some(stored(1, 1).version)).await.unwrap();
    assert_eq!(mode(), 0o700);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_the_place_of_the_file_is_refused() {
    let scratch = Scratch::new("file-links");
    let victim = scratch.0.join("victim");
    fs::write(&victim, "untouched").unwrap();
    for name in ["tokens.json", "tokens.json.lock", "tokens.json.flight"] {
        let store = scratch.store();
        let link = scratch.0.join(name);
        // An earlier round has left its lock file.
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(&victim, &link).unwrap();
        let refused = match name {
            "tokens.json" => {
                assert!(store.load().await.is_err(), "a link was read");
                store.save(&stored(1, 1), None).await.is_err()
            }
            "tokens.json.lock" => store.save(&stored(1, 1), None).await.is_err(),
            _ => store.lock(Duration::ZERO).await.is_err(),
        };
        assert!(refused, "{name} was followed");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
        fs::remove_file(&link).unwrap();
    }
    std::os::unix::fs::symlink(&victim, scratch.0.join("tokens.json.new")).unwrap();
    scratch.store().save(&stored(1, 1), None).await.unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
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
async fn an_error_names_the_failed_action_the_file_and_the_way_out() {
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
async fn identities_have_their_own_files_that_no_name_escapes() {
    let scratch = Scratch::new("file-names");
    let base = scratch.store();
    let names = ["ann", "Ann", "../ann", "a/b", "ann@example.org", "", "ä", "tokens.json"];
    let mut paths = Vec::new();
    for (at, name) in (1..).zip(names) {
        let store = base.clone().named(name);
        assert_eq!(store.path().parent(), Some(&*scratch.0), "{name}");
        store.save(&stored(at, 1), None).await.unwrap();
        paths.push(store.path().to_string_lossy().to_lowercase());
    }
    for (at, name) in (1..).zip(names) {
        assert_eq!(base.clone().named(name).load().await.unwrap(), Some(stored(at, 1)), "{name}");
    }
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), names.len(), "two names share a file: {paths:?}");
}

#[tokio::test]
async fn a_name_of_any_length_has_its_own_file() {
    let scratch = Scratch::new("file-long-names");
    let base = scratch.store();
    let long = |end: &str| "Ä".repeat(5000) + end;
    let names = [long(""), long("a"), long("b"), "a".repeat(100), "a".repeat(101)];
    for (at, name) in (1..).zip(&names) {
        base.clone().named(name).save(&stored(at, 1), None).await.unwrap();
        let credential = base.clone().named(name).for_credential(name).unwrap();
        credential.save(&stored(at, 2), None).await.unwrap();
    }
    for (at, name) in (1..).zip(&names) {
        let store = base.clone().named(name);
        assert_eq!(store.load().await.unwrap(), Some(stored(at, 1)));
        assert_eq!(store.for_credential(name).unwrap().load().await.unwrap(), Some(stored(at, 2)));
    }
    // A damaged file can still be set aside.
    let damaged = base.named(&names[0]);
    fs::write(damaged.path(), "damaged").unwrap();
    assert!(matches!(damaged.load().await, Err(StoreError::Corrupt(_))));
    assert_eq!(damaged.load().await.unwrap(), None);
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

#[tokio::test]
async fn each_credential_of_each_identity_has_its_own_file() {
    let scratch = Scratch::new("file-credentials");
    let base = scratch.store();
    let all = || {
        let identities =
            [base.clone(), base.clone().named("device"), base.clone().named("+device")];
        identities.into_iter().flat_map(|store| {
            let of = |name| store.for_credential(name).unwrap();
            let further = [of("device"), of("Device"), of("../device"), of("")];
            let first: Arc<dyn TokenStore> = Arc::new(store);
            std::iter::once(first).chain(further)
        })
    };
    for (login, store) in (1..).zip(all()) {
        store.save(&stored(login, 1), None).await.unwrap();
    }
    for (login, store) in (1..).zip(all()) {
        assert_eq!(store.load().await.unwrap(), Some(stored(login, 1)), "{:?}", store.location());
    }
    assert!(scratch.names().contains(&"tokens+device.json".to_owned()), "{:?}", scratch.names());
}

#[test]
fn all_ways_to_a_file_are_one_place() {
    let scratch = Scratch::new("file-place");
    fs::create_dir(scratch.0.join("deep")).unwrap();
    let place = scratch.store().location();
    assert_eq!(FileStore::at(scratch.0.join("deep/../tokens.json")).location(), place);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&scratch.0, scratch.0.join("deep/link")).unwrap();
        assert_eq!(FileStore::at(scratch.0.join("deep/link/tokens.json")).location(), place);
    }
    assert_ne!(scratch.store().named("ann").location(), place);
    let missing = FileStore::at(scratch.0.join("not/there/tokens.json"));
    assert!(missing.location().unwrap().ends_with("not/there/tokens.json"));
}

#[test]
fn the_directory_of_a_program_is_one_name_below_that_of_the_platform() {
    for bad in ["", ".", "..", "a/b", "/a", "../a"] {
        assert!(FileStore::in_data_dir(bad).is_err(), "{bad:?}");
    }
    let store = FileStore::in_data_dir("shop").unwrap();
    assert!(store.path().ends_with("shop/tokens.json"), "{}", store.path().display());
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
