//! Each identity and each credential has its own file, and no name leads out of the directory.

use std::fs;

use super::super::*;
use super::{Scratch, disk, stored};

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

#[test]
fn beside_a_file_without_an_extension_no_name_is_that_of_another_file() {
    let base = FileStore::at("/data/tokens");
    let names = ["", "lock", "flight", "locks", "%lock"];
    let stores = names.iter().map(|name| base.clone().named(name)).chain([base.clone()]);
    let mut paths: Vec<_> = stores
        .flat_map(|store| [store.of_credential("device"), store.of_credential(""), store])
        .map(|store| store.path().to_owned())
        .chain(["lock", "flight"].map(|ending| disk::beside(base.path(), ending)))
        .collect();
    let count = paths.len();
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), count, "{paths:?}");
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
