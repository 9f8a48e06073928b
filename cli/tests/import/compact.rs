//! The compact form of a document.

use std::fs;

use super::document;
use super::support::{folder, run, workspace};

#[test]
fn the_compact_form_of_a_document_says_the_same_and_tells_when_it_no_longer_does() {
    let folder = folder("compact");
    for name in ["shelf.yaml", "desk.yaml", "mail.yaml"] {
        let (whole, lock) = (folder.join(name), folder.join(name).with_extension("lock.json"));
        fs::copy(document(name), &whole).unwrap();
        let (whole, lock) = (whole.to_str().unwrap(), lock.to_str().unwrap());
        let (code, _, said) = run(&["lock", whole]);
        assert!(code == 0 && said.contains("wrote"), "{said}");
        assert_eq!(run(&["lock", whole, "--check"]).0, 0);
        // Nothing is gone, whichever of the two is the older one.
        for pair in [[whole, lock], [lock, whole]] {
            let (code, found, said) = run(&["check", pair[0], pair[1]]);
            assert!(code == 0 && !found.contains("adds:"), "{name}: {found}{said}");
        }
        let text = fs::read_to_string(lock).unwrap();
        assert!(!text.contains("description"), "{text}");
        fs::write(lock, text.replacen("\"get\"", "\"put\"", 1)).unwrap();
        let (code, shown, said) = run(&["lock", whole, "--check"]);
        assert!(code == 1 && shown.contains("+      \"get\""), "{shown}{said}");
    }
}

#[test]
fn the_compact_form_that_a_trait_of_the_tests_names_is_that_of_its_document() {
    let zoo = workspace().join("tests/tests/language/zoo.json");
    let (code, shown, said) = run(&["lock", zoo.to_str().unwrap(), "--check"]);
    assert_eq!(code, 0, "{shown}{said}");
}
