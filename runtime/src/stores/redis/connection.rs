//! The connection to Redis.
//!
//! The code reconnects by itself: `redis::aio::ConnectionManager` reconnects to one fixed address, which does not
//! follow a failover, blocks commands meanwhile, and does not report that the runtime of its subscription has
//! ended.

use std::sync::Arc;
use std::time::Duration;

use redis::{
    ErrorKind, FromRedisValue, RedisError, RedisResult, ScriptInvocation, ServerErrorKind,
};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep, timeout};

use super::server::{Link, Server};

/// Connecting takes a millisecond or two, and so does a response; calls wait for both.
pub(super) const LIMIT: Duration = Duration::from_secs(1);

/// A failover may take this long before it counts as an outage and the lock as unavailable.
const FAILOVER: Duration = Duration::from_secs(8);

/// The pause between attempts during a failover.
const PAUSE: Duration = Duration::from_millis(100);

/// One connection for all scripts, created when it is first needed, and again after it broke.
pub(super) struct Connection {
    server: Arc<Server>,
    current: Mutex<Current<Link>>,
}

/// The current connection. Each has a number, since a failure of one says nothing about the next.
struct Current<C> {
    number: u64,
    connection: Option<C>,
}

impl<C: Clone> Current<C> {
    const fn new() -> Self {
        Self { number: 0, connection: None }
    }

    fn get(&self) -> Option<(u64, C)> {
        self.connection.clone().map(|connection| (self.number, connection))
    }

    fn set(&mut self, connection: C) -> u64 {
        self.number += 1;
        self.connection = Some(connection);
        self.number
    }

    fn remove(&mut self, number: u64) {
        if self.number == number {
            self.connection = None;
        }
    }
}

impl Connection {
    pub(super) fn new(server: Arc<Server>) -> Self {
        Self { server, current: Mutex::new(Current::new()) }
    }

    /// The address of Redis, without a password.
    pub(super) fn address(&self) -> String {
        self.server.address()
    }

    /// Runs a script, which must be safe to run twice. With `replicated`, a replica that may take over must have
    /// its writes before it counts.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
        replicated: bool,
    ) -> RedisResult<T> {
        let replicated = replicated && self.server.fails_over();
        let until = self.server.fails_over().then(|| Instant::now() + FAILOVER);
        let mut is_first = true;
        loop {
            let error = match self.try_once(script, replicated).await {
                Err(error) if is_of_connection(&error) => error,
                result => return result,
            };
            // The connection may have broken while it was idle, for example because Redis was restarted.
            let at_once = std::mem::take(&mut is_first) && !error.is_timeout();
            if !at_once {
                if until.is_none_or(|until| Instant::now() >= until) {
                    return Err(error);
                }
                sleep(PAUSE).await;
            }
        }
    }

    async fn try_once<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
        replicated: bool,
    ) -> RedisResult<T> {
        let (number, mut link) = self.get().await?;
        let result = link.run(script).await;
        match &result {
            Err(error) if is_of_connection(error) || error.is_unrecoverable_error() => {
                self.current.lock().await.remove(number);
            }
            Ok(_) if replicated => link.replicate().await,
            _ => {}
        }
        result
    }

    async fn get(&self) -> RedisResult<(u64, Link)> {
        let mut current = self.current.lock().await;
        if let Some(current) = current.get() {
            return Ok(current);
        }
        let made = self.server.connect().await?;
        Ok((current.set(made.clone()), made))
    }
}

/// Whether another connection may succeed, also because the server has become a replica.
fn is_of_connection(error: &RedisError) -> bool {
    error.is_io_error()
        || matches!(
            error.kind(),
            ErrorKind::Server(ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown)
                | ErrorKind::MasterNameNotFoundBySentinel
                | ErrorKind::ClusterConnectionNotFound
        )
}

/// Waits for Redis with a timeout.
pub(super) async fn limited<T>(future: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(LIMIT, future).await.unwrap_or_else(|_| {
        Err(RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_failure_of_a_connection_does_not_remove_the_next_one() {
        let mut current = Current::new();
        let first = current.set("first");
        current.remove(first);
        assert_eq!(current.get(), None);
        let second = current.set("second");
        current.remove(first);
        assert_eq!(current.get(), Some((second, "second")));
    }
}
