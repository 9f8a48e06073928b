//! Two clients of one process at one location, of which only one encrypts, or with another key.

use std::fs;

use perennial::store::{FileStore, StoreKey};
use perennial::{ErrorKind, Tokens};
use perennial_tests::{Protocol, Server};

use crate::fleet::Scratch;
use crate::support::ShopClient;
use crate::watched::client;

#[tokio::test]
async fn a_client_whose_tokens_another_one_keeps_in_plain_text_or_under_another_key_is_refused() {
    let server = Server::start(Protocol::article());
    let scratch = Scratch::new("keys-of-stores");
    let keys = [None, Some([1; 32]), Some([2; 32])];
    for (number, first) in keys.into_iter().enumerate() {
        let store = |key: Option<[u8; 32]>| {
            let store = FileStore::at(scratch.path().join(format!("{number}.json")));
            match key {
                Some(key) => store.encrypted(StoreKey::new(key)),
                None => store,
            }
        };
        let (shop, told) = client(&server, store(first));
        for second in keys {
            let built = ShopClient::builder(server.origin()).store(store(second)).build();
            match built {
                Ok(other) => {
                    assert_eq!(first, second);
                    assert_eq!(other.session().id(), shop.session().id());
                }
                Err(error) => {
                    assert_ne!(first, second);
                    assert_eq!(error.kind(), ErrorKind::Build);
                    assert!(error.to_string().contains("the same `encrypted(..)`"), "{error}");
                }
            }
        }
        // A sibling cannot be refused, so it says so.
        assert_eq!(told.count("StoreFailed"), 0);
        let sibling = shop.session().sibling_in(store(keys[(number + 1) % 3]));
        assert_eq!(sibling.id(), shop.session().id());
        assert_eq!(told.count("StoreFailed"), 1);
        shop.session().login(Tokens::new("S3cretPin99")).await.unwrap();
        let text = fs::read_to_string(store(first).path()).unwrap();
        assert_eq!(text.contains("S3cretPin99"), first.is_none());
    }
}
