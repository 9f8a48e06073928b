//! The lock file next to an import: its document, its flags, and a fingerprint of each item, with which a second import
//! detects manual changes.

use std::collections::BTreeMap;
use std::fmt::Write;

/// The content of a lock file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The document.
    pub document: String,
    /// The flags of the import, which a second one reuses.
    pub flags: Vec<String>,
    /// Fingerprints, by file and item.
    pub items: BTreeMap<String, u64>,
}

const HEAD: &str = "# Written by `cargo perennial import`, which uses it to detect manual changes. Keep it next to the file.\n";

impl Lock {
    /// The text of the file.
    pub fn text(&self) -> String {
        let mut text = format!("{HEAD}document {}\n", self.document);
        for flag in &self.flags {
            let _ = writeln!(text, "flag {flag}");
        }
        for (key, print) in &self.items {
            let _ = writeln!(text, "item {print:016x} {key}");
        }
        text
    }

    /// Reads the file.
    ///
    /// # Errors
    ///
    /// If a line is not in its format.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut lock = Self::default();
        for (at, line) in
            text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        {
            let unknown = || format!("line {}: `{line}` is not a line of a lock file", at + 1);
            match line.split_once(' ') {
                Some(("document", name)) => name.clone_into(&mut lock.document),
                Some(("flag", flag)) => lock.flags.push(flag.to_owned()),
                Some(("item", rest)) => {
                    let (print, key) = rest.split_once(' ').ok_or_else(unknown)?;
                    let print = u64::from_str_radix(print, 16).map_err(|_| unknown())?;
                    lock.items.insert(key.to_owned(), print);
                }
                _ => return Err(unknown()),
            }
        }
        Ok(lock)
    }
}

/// A fingerprint of a text that ignores blanks (FNV-1a), so that it does not depend on the formatter.
pub(super) fn fingerprint(text: &str) -> u64 {
    let mut print: u64 = 0xcbf2_9ce4_8422_2325;
    // A formatter also adds and removes commas at the end of lists.
    for byte in text.bytes().filter(|it| !it.is_ascii_whitespace() && *it != b',') {
        print = (print ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    print
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_read_back() {
        let lock = Lock {
            document: "pets.json".to_owned(),
            flags: vec!["--only=tag:pets and dogs".to_owned()],
            items: [("Pet".to_owned(), 7), ("Api::list pets".to_owned(), u64::MAX)].into(),
        };
        assert_eq!(Lock::read(&lock.text()), Ok(lock));
        assert!(Lock::read("nonsense").is_err());
    }

    #[test]
    fn another_formatter_is_not_a_change() {
        assert_eq!(fingerprint("fn a(b: C)"), fingerprint("fn a(\n    b: C,\n)"));
        assert_ne!(fingerprint("fn a(b: C)"), fingerprint("fn a(b: D)"));
    }
}
