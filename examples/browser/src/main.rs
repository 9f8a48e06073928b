//! The article as a page: a login form, orders, fifty calls across an expiry, and a timeline of what the
//! session did. `examples/browser/serve.sh` serves it with the article's server behind it.

#[cfg(target_family = "wasm")]
mod app;
#[cfg(target_family = "wasm")]
mod shop;
#[cfg(target_family = "wasm")]
mod timeline;

#[cfg(target_family = "wasm")]
fn main() {
    yew::Renderer::<app::App>::new().render();
}

#[cfg(not(target_family = "wasm"))]
fn main() {
    eprintln!("this is a page: `examples/browser/serve.sh` builds and serves it");
}
