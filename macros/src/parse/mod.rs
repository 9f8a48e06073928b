//! Turns tokens into parsed values. Each parser reports its own mistakes, and a broken option affects only itself.

mod advice;
pub(crate) mod api;
pub(crate) mod attributes;
mod auth;
mod constants;
mod envelope;
pub(crate) mod errors;
mod headers;
mod http;
pub(crate) mod item;
mod key;
pub(crate) mod option;
mod page;
pub(crate) mod param;
mod part;
mod retry;
mod rule;
pub(crate) mod shared;
mod slips;
mod template;
mod tokens;
mod value;
pub(crate) mod verb;
