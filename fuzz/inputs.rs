//! Inputs for parsers: the files of a corpus, and the same files after a few edits.
//!
//! Both the runtime and the macro include this file in their tests. Proptest reduces an input that fails, prints it
//! and keeps its seed; a file in the corpus keeps it for good.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// How often a target is run: eight times as often as other properties. `PROPTEST_CASES` changes both.
pub(crate) fn config() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.saturating_mul(8), ..config }
}

/// The files in `fuzz/corpus/<target>`, in the order of their names.
pub(crate) fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let entries = std::fs::read_dir(&folder).expect("the folder of the corpus can be read");
    let mut files: Vec<_> =
        entries.map(|entry| entry.expect("the folder can be listed").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus in {}", folder.display());
    files.iter().map(|file| std::fs::read(file).expect("the file can be read")).collect()
}

/// One change of an input.
#[derive(Debug, Clone)]
enum Edit {
    Replace(Index, u8),
    Insert(Index, &'static str),
    Remove(Index, usize),
    Repeat(Index, usize),
    /// Goes on with another file of the corpus, from somewhere in it.
    Splice(Index, Index, Index),
    Cut(Index),
}

fn edit(words: &'static [&'static str]) -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Edit::Replace(at, byte)),
        4 => (at(), select(words)).prop_map(|(at, word)| Edit::Insert(at, word)),
        2 => (at(), 1..9_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        1 => (at(), 1..33_usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        2 => (at(), at(), at()).prop_map(|(at, file, from)| Edit::Splice(at, file, from)),
        1 => at().prop_map(Edit::Cut),
    ]
}

/// Files of the corpus after up to six edits. `words` are those of the language, which chance would not write.
pub(crate) fn inputs(
    target: &str,
    words: &'static [&'static str],
) -> impl Strategy<Value = Vec<u8>> {
    let files = corpus(target);
    (any::<Index>(), vec(edit(words), 0..7)).prop_map(move |(file, edits)| {
        let first = file.get(&files).clone();
        edits.into_iter().fold(first, |input, edit| edited(input, edit, &files))
    })
}

fn edited(mut input: Vec<u8>, edit: Edit, files: &[Vec<u8>]) -> Vec<u8> {
    let place = |at: Index, length: usize| at.index(length + 1);
    match edit {
        Edit::Replace(at, byte) => {
            if !input.is_empty() {
                let at = at.index(input.len());
                input[at] = byte;
            }
        }
        Edit::Insert(at, word) => {
            let at = place(at, input.len());
            input.splice(at..at, word.bytes());
        }
        Edit::Remove(at, length) => {
            let at = place(at, input.len());
            input.drain(at..(at + length).min(input.len()));
        }
        Edit::Repeat(at, length) => {
            let at = place(at, input.len());
            let piece = input[at..(at + length).min(input.len())].to_vec();
            input.splice(at..at, piece);
        }
        Edit::Splice(at, file, from) => {
            input.truncate(place(at, input.len()));
            let other = file.get(files);
            input.extend_from_slice(&other[place(from, other.len())..]);
        }
        Edit::Cut(at) => input.truncate(place(at, input.len())),
    }
    input
}
