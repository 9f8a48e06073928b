//! The parts of the runtime that belong to one page, each by itself in a real browser. `ci/wasm.sh test` runs
//! them. What tabs do together, and with a server, is in `tests/tests/browser`.

#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "../../../../runtime/src/types/parse.rs"]
mod parse;
#[allow(dead_code)]
#[path = "../../../../runtime/src/types/url/browser.rs"]
mod url_of_browser;

mod clock;
mod fetch;
mod store;
mod text;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
