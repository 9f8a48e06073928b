//! What an editor is asked about.

pub mod broken;
pub mod whole;
