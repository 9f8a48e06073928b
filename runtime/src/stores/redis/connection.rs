//! The connection to Redis.
//!
//! It reconnects by its own code: `redis::aio::ConnectionManager` reconnects to one fixed address, blocks
//! commands while it does, and does not report the end of the runtime that its subscription ran on.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, FromRedisValue, RedisError, RedisResult, ScriptInvocation,
};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Connecting takes a millisecond or two, and so does a response; calls wait for them.
const LIMIT: Duration = Duration::from_secs(1);

/// One connection for all scripts, made when it is first needed and again after it broke.
pub(super) struct Connection {
    client: Client,
    current: Mutex<Current<MultiplexedConnection>>,
}

/// The connection in use. Each has a number: a failure of one says nothing about the next.
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
    pub(super) fn new(client: Client) -> Self {
        Self { client, current: Mutex::new(Current::new()) }
    }

    /// The address of Redis, without a password.
    pub(super) fn address(&self) -> String {
        let info = self.client.get_connection_info();
        format!("{}/{}", info.addr(), info.redis_settings().db())
    }

    /// Runs a script. It must be one that may run twice.
    pub(super) async fn run<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> RedisResult<T> {
        match self.try_once(script).await {
            // The connection broke while it was idle, for example when Redis was restarted.
            Err(error) if error.is_io_error() && !error.is_timeout() => self.try_once(script).await,
            result => result,
        }
    }

    async fn try_once<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> RedisResult<T> {
        let (number, mut connection) = self.get().await?;
        let result = script.invoke_async(&mut connection).await;
        if let Err(error) = &result
            && (error.is_io_error() || error.is_unrecoverable_error())
        {
            self.current.lock().await.remove(number);
        }
        result
    }

    async fn get(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let mut current = self.current.lock().await;
        if let Some(current) = current.get() {
            return Ok(current);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LIMIT))
            .set_response_timeout(Some(LIMIT));
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok((current.set(made.clone()), made))
    }
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
