//! The generated code as Rust: names that it may not lean on, and mocks beside it.

#![allow(missing_docs, clippy::unwrap_used)]

pub mod browser_guide;
pub mod document;
pub mod expand;
pub mod familiar;
pub mod hygiene;
pub mod hygiene_names;
pub mod json;
pub mod mocks;
