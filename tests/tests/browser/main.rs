//! The promises for the browser, tested in a real one: a headless Chromium loads the page of `tests/browser` from the
//! strict server, and a test drives its tabs.
//!
//! `eval "$(ci/wasm.sh start)"` installs what is needed, `ci/wasm.sh build` builds the pages, and `PAGES` is
//! the folder with `tests` and `example` in it.

#![allow(clippy::unwrap_used)]

mod alone;
mod driver;
mod example;
mod page;
mod storage;
mod tabs;
