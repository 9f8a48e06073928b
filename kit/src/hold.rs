//! Responses that wait until the test releases them.

use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// Delays responses until the test releases them. Dropping it releases all.
///
/// ```
/// use perennial_test::Server;
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let server = Server::declared::<ShopClient>();
/// # server.offer("/stock/{id}", 14.into());
/// # let shop = ShopClient::builder(server.origin()).build()?;
/// # shop.login("ann").await?;
/// server.expire_all();
/// let hold = server.hold_refresh();
/// let calls = tokio::spawn(async move { tokio::join!(shop.stock(7), shop.stock(8)) });
/// hold.arrived(1).await; // both calls wait for this one refresh
/// assert_eq!(server.refreshes(), 1);
/// hold.release();
/// let (seven, eight) = calls.await.unwrap();
/// assert_eq!((seven?, eight?), (14, 14));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a hold that is dropped holds nothing"]
pub struct Hold {
    queue: Arc<Queue>,
}

/// The requests that are waiting.
#[derive(Debug)]
pub(crate) struct Queue {
    arrived: watch::Sender<usize>,
    permits: Semaphore,
}

impl Hold {
    pub(crate) fn new() -> (Self, Arc<Queue>) {
        let queue = Arc::new(Queue { arrived: watch::Sender::new(0), permits: Semaphore::new(0) });
        (Self { queue: Arc::clone(&queue) }, queue)
    }

    /// Waits until this many requests have arrived since the hold was created.
    pub async fn arrived(&self, wanted: usize) {
        // This hold owns the sender, so it outlives the wait.
        let _ = self.queue.arrived.subscribe().wait_for(|arrived| *arrived >= wanted).await;
    }

    /// The number of requests that have arrived since the hold was created.
    #[must_use]
    pub fn count(&self) -> usize {
        *self.queue.arrived.borrow()
    }

    /// Releases the request that has waited longest, or the next one that arrives.
    pub fn release_one(&self) {
        self.queue.permits.add_permits(1);
    }

    /// Releases all requests, and no longer delays those that arrive later.
    pub fn release(&self) {
        self.queue.permits.close();
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.release();
    }
}

impl Queue {
    pub(crate) async fn wait(&self) {
        self.arrived.send_modify(|arrived| *arrived += 1);
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
        }
    }
}
