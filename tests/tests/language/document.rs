//! The test of types that `openapi = ".."` writes.
//!
//! The trait fits its document, so that the test which the macro wrote for it passes among the tests of this crate. What
//! does not fit is tested in the runtime.

use perennial::{Json, Result, api_client};
use serde::Serialize;

#[derive(Debug, Json)]
pub struct Pet {
    pub id: i64,
    pub name: Option<String>,
}

#[api_client(openapi = "zoo.json", envelope(code = "code", data = "data", ok = 0))]
pub trait Zoo {
    #[get("/animals/{id}")]
    async fn animal(&self, id: u64) -> Result<Pet>;
    #[post("/animals")]
    async fn add(&self, #[json] pet: &Pet) -> Result<Option<Pet>>;
    #[get("/names", envelope = off)]
    async fn names(&self) -> Result<Vec<String>>;
    /// Its body is any type, which is not compared.
    #[put("/animals/{id}")]
    async fn replace<T: Serialize + Sync>(&self, id: u64, #[json] pet: &T) -> Result<()>;
}

/// The same trait beside the compact form of its document, as `cargo perennial lock` writes it.
#[api_client(openapi = "zoo.lock.json", envelope(code = "code", data = "data", ok = 0))]
pub trait LockedZoo {
    #[get("/animals/{id}")]
    async fn animal(&self, id: u64) -> Result<Pet>;
    #[post("/animals")]
    async fn add(&self, #[json] pet: &Pet) -> Result<Option<Pet>>;
    #[get("/names", envelope = off)]
    async fn names(&self) -> Result<Vec<String>>;
}

#[test]
fn the_compact_form_of_a_document_tests_the_types_as_well() {
    locked_zoo_types_fit_the_document();
}

#[test]
fn the_macro_writes_a_test_that_is_named_after_the_trait() {
    // It is beside this one, and takes no arguments.
    let test: fn() = zoo_types_fit_the_document;
    test();
}
