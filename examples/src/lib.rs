//! The parts that the examples share.

pub mod server;
pub mod timeline;
