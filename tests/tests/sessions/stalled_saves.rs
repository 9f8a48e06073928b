//! Runtimes that stand still while a session saves new tokens.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use crate::runtimes::{ambiguities, once, runtime, serve};
use crate::support::{Told, as_in, builder, tokens};
use perennial::BoxFuture;
use perennial::store::{MemoryStore, StoreError, Stored, TokenStore, Version};
use perennial_tests::Protocol;

/// A store whose thread stands still in the first save of renewed tokens, before or after they are written.
#[derive(Clone)]
struct Stalling {
    store: MemoryStore,
    is_after: bool,
    saving: mpsc::Sender<()>,
    going_on: Arc<Mutex<Option<mpsc::Receiver<()>>>>,
}

impl Stalling {
    fn stall(&self) {
        let going_on = self.going_on.lock().unwrap().take();
        if let Some(going_on) = going_on {
            self.saving.send(()).unwrap();
            let _ = going_on.recv();
        }
    }
}

impl TokenStore for Stalling {
    as_in! { store: load, clear }

    fn save<'a>(
        &'a self,
        next: &'a Stored,
        expected: Option<Version>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let is_renewal = next.version.generation > 1;
            if is_renewal && !self.is_after {
                self.stall();
            }
            self.store.save(next, expected).await?;
            if is_renewal && self.is_after {
                self.stall();
            }
            Ok(())
        })
    }
}

#[test]
fn tokens_whose_thread_stands_still_while_they_are_saved_are_used_and_not_renewed_again() {
    for is_after in [false, true] {
        let (server, _end) = serve(Protocol::article(), |_| {});
        let told = Told::default();
        let (saving, is_saving) = mpsc::channel();
        let (go_on, going_on) = mpsc::channel();
        let store = MemoryStore::new();
        let stalling = Stalling {
            store: store.clone(),
            is_after,
            saving,
            going_on: Arc::new(Mutex::new(Some(going_on))),
        };
        let shop = builder(&server, &told)
            .store(stalling)
            .refresh_timeout(Duration::from_millis(50))
            // An idle connection of the stalled runtime would carry nothing.
            .http_with(|http| http.pool_max_idle_per_host(0))
            .build()
            .unwrap();
        let other = runtime();
        other.block_on(shop.session().login(tokens(&server.issue("ann")))).unwrap();
        server.expire_all();
        let stalled = {
            let order = shop.order(1);
            thread::spawn(move || runtime().block_on(order))
        };
        is_saving.recv().unwrap();
        assert_eq!(other.block_on(shop.order(2)).unwrap().id, 2, "{is_after}");
        go_on.send(()).unwrap();
        assert_eq!(stalled.join().unwrap().unwrap().id, 1, "{is_after}");
        server.expire_all();
        assert_eq!(other.block_on(shop.order(3)).unwrap().id, 3, "{is_after}");
        assert_eq!((server.rotations(), server.reuses()), (2, 0), "{is_after}");
        assert_eq!((told.counts().lost, ambiguities(&told)), (0, 0), "{is_after}");
        let access = shop.session().tokens().unwrap().access().to_owned();
        other.block_on(once(|| store.stored().is_some_and(|it| it.tokens.access() == access)));
    }
}
