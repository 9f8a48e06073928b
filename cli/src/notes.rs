//! Notes about losses, choices and guesses of an import, each with its JSON path.

use std::cell::RefCell;

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Something in the document cannot be expressed, and is missing.
    Lost,
    /// The document contradicts itself or is broken here, and the most plausible reading was used.
    Mended,
    /// The document does not say, and a likely declaration was written.
    Guessed,
    /// A choice among several valid options.
    Chosen,
}

impl Weight {
    /// Its word in the summary.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lost => "lost",
            Self::Mended => "mended",
            Self::Guessed => "guessed",
            Self::Chosen => "chosen",
        }
    }
}

/// One note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How much it matters.
    pub weight: Weight,
    /// JSON path of the place to which it refers.
    pub at: String,
    /// Its text.
    pub text: String,
}

/// A collection to which all parts of an import add notes.
#[derive(Debug, Default)]
pub struct Notes(RefCell<Vec<Note>>);

impl Notes {
    /// Adds a note, unless it already exists.
    pub fn add(&self, weight: Weight, at: impl Into<String>, text: impl Into<String>) {
        let note = Note { weight, at: at.into(), text: text.into() };
        let mut notes = self.0.borrow_mut();
        // A problem that is reached from several places is noted once for each of them.
        if notes.iter().rev().take(64).all(|it| *it != note) {
            notes.push(note);
        }
    }

    /// Something that is missing.
    pub fn lost(&self, at: impl Into<String>, text: impl Into<String>) {
        self.add(Weight::Lost, at, text);
    }

    /// A broken place, and how it was read.
    pub fn mended(&self, at: impl Into<String>, text: impl Into<String>) {
        self.add(Weight::Mended, at, text);
    }

    /// A guess.
    pub fn guessed(&self, at: impl Into<String>, text: impl Into<String>) {
        self.add(Weight::Guessed, at, text);
    }

    /// A choice.
    pub fn chosen(&self, at: impl Into<String>, text: impl Into<String>) {
        self.add(Weight::Chosen, at, text);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All notes as they are printed, the most important first.
    pub fn sorted(&self) -> Vec<Note> {
        let mut notes = self.0.borrow().clone();
        for note in &mut notes {
            note.at = crate::text::for_terminal(&note.at);
            note.text = crate::text::for_terminal(&note.text);
        }
        notes.sort_by_key(|note| note.weight);
        notes.dedup();
        notes
    }

    /// Whether anything was lost since there were this many notes.
    pub fn lost_since(&self, before: usize) -> bool {
        self.0.borrow()[before..].iter().any(|note| note.weight == Weight::Lost)
    }

    /// Whether anything was lost at a place or below it since there were this many notes.
    pub fn lost_below(&self, at: &str, before: usize) -> bool {
        self.0.borrow()[before..]
            .iter()
            .any(|note| note.weight == Weight::Lost && note.at.starts_with(at))
    }
}
