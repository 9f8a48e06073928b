//! The transport and the clock in a worker, which has no window.

#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used)]

#[path = "page/clock.rs"]
mod clock;
#[path = "page/fetch.rs"]
mod fetch;

use perennial::Tokens;
use perennial::store::{BrowserStore, Stored, TokenStore as _, Version};
use wasm_bindgen_test::wasm_bindgen_test;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn a_worker_has_no_storage_and_its_store_says_so() {
    assert!(web_sys::window().is_none());
    let store = BrowserStore::local("tokens");
    let version = Version { login: 1, generation: 1 };
    let stored = Stored::new(version, Tokens::new("token"), std::time::SystemTime::UNIX_EPOCH);
    for failed in [store.load().await.map(drop), store.save(&stored, None).await] {
        let error = failed.unwrap_err().to_string();
        assert!(error.contains("it belongs to pages"), "{error}");
    }
}
