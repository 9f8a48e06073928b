//! The files that the test asks about.

pub mod broken;
pub mod whole;
