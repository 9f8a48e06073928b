//! The command `cargo perennial`: an OpenAPI document becomes a trait, and a trait a document.
//!
//! It is a program first; the modules are public for its tests, and may change with any version.

pub mod check;
pub mod command;
pub mod compact;
pub mod document;
pub mod export;
pub mod import;
mod names;
mod near;
pub mod node;
pub mod notes;
pub mod operations;
pub mod source;
mod text;
pub mod types;
