//! The guide, chapter by chapter.
//!
//! The same text is a book in the repository.

#[doc = include_str!("../guide/introduction.md")]
pub mod introduction {}

#[doc = include_str!("../guide/sessions.md")]
pub mod sessions {}

#[doc = include_str!("../guide/oauth2.md")]
pub mod oauth2 {}

#[doc = include_str!("../guide/browser.md")]
pub mod browser {}

#[doc = include_str!("../guide/requests.md")]
pub mod requests {}

#[doc = include_str!("../guide/responses.md")]
pub mod responses {}

#[doc = include_str!("../guide/errors.md")]
pub mod errors {}

#[doc = include_str!("../guide/retries.md")]
pub mod retries {}

#[doc = include_str!("../guide/calls.md")]
pub mod calls {}

#[doc = include_str!("../guide/blocking.md")]
pub mod blocking {}

#[doc = include_str!("../guide/layers.md")]
pub mod layers {}

#[doc = include_str!("../guide/options.md")]
pub mod options {}

#[doc = include_str!("../guide/fakes.md")]
pub mod fakes {}

#[doc = include_str!("../guide/openapi.md")]
pub mod openapi {}

#[doc = include_str!("../guide/recipes.md")]
pub mod recipes {}

#[doc = include_str!("../guide/migration.md")]
pub mod migration {}

#[doc = include_str!("../guide/api-crates.md")]
pub mod api_crates {}

#[doc = include_str!("../guide/defaults.md")]
pub mod defaults {}

#[doc = include_str!("../guide/reference.md")]
pub mod reference {}

#[doc = include_str!("../guide/troubleshooting.md")]
pub mod troubleshooting {}
