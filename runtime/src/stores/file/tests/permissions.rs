//! Files and directories belong to their owner alone, and links are not followed.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::super::*;
use super::{Scratch, stored};

#[tokio::test]
async fn files_belong_only_to_their_owner_and_wider_permissions_are_removed() {
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

#[tokio::test]
async fn the_directory_of_the_program_is_tightened_and_any_other_is_not() {
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
        symlink(&victim, &link).unwrap();
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
    symlink(&victim, scratch.0.join("tokens.json.new")).unwrap();
    scratch.store().save(&stored(1, 1), None).await.unwrap();
    assert_eq!(fs::read_to_string(&victim).unwrap(), "untouched");
}
