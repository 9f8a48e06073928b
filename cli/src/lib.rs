//! The command `cargo perennial`: turns an OpenAPI document into a trait, and a trait into a document.
//!
//! It is primarily a program; the modules are public for its tests, and may change with any version.

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
