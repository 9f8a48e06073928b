//! The code of the guide's chapter on the browser. A test compares it with the guide, line by line; here it is compiled
//! for the browser.

#![allow(dead_code)]

use perennial::Error;

use crate::shop::ShopClient;

/// The state that a hook of the guide holds: it need not be `Send`.
struct Page(std::rc::Rc<()>);

impl Page {
    fn show_login(&self, _: &Error) {}
}

fn client(page: Page) -> perennial::Result<ShopClient> {
    use perennial::store::BrowserStore;

    let store = BrowserStore::local("shop.tokens");
    let shop = ShopClient::builder("") // the page's own server
        .store(store.clone())
        .on_logout(move |why| page.show_login(why))
        .build()?;
    Ok(shop)
}

fn follow(shop: &ShopClient, store: perennial::store::BrowserStore) {
    wasm_bindgen_futures::spawn_local({
        let session = shop.session().clone();
        async move { store.follow(&session).await }
    });
}

fn with_a_cookie() -> perennial::Result<ShopClient> {
    use perennial::store::BrowserStore;

    let shop = ShopClient::builder("").store(BrowserStore::memory("shop")).build()?;
    Ok(shop)
}

fn remembering() -> perennial::Result<ShopClient> {
    let shop = ShopClient::builder("")
        .on_logout(|_| {
            let Some(window) = web_sys::window() else { return };
            let location = window.location();
            let place = js_sys::encode_uri_component(&location.href().unwrap_or_default());
            let _ = location.assign(&format!("/login?back={place}"));
        })
        .build()?;
    Ok(shop)
}

fn elsewhere() -> perennial::Result<ShopClient> {
    use perennial::system::{FetchCredentials, FetchOptions};

    let shop = ShopClient::builder("https://api.shop.example")
        .fetch(FetchOptions::new().credentials(FetchCredentials::Include))
        .build()?;
    Ok(shop)
}
