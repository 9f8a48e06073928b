//! The way to Redis.

use std::time::Duration;

use futures_util::StreamExt;
use redis::aio::{MultiplexedConnection, PubSubStream};
use redis::{AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, RedisResult};
use tokio::sync::Mutex;
use tokio::time::timeout;

/// Connecting, and a response, take a millisecond or two; calls wait for them.
const LIMIT: Duration = Duration::from_secs(1);

/// A channel that could not be listened to is tried again after so long.
pub(super) const PAUSE: Duration = Duration::from_millis(250);

/// One connection for all commands, made when it is needed and again when it broke.
pub(super) struct Line {
    client: Client,
    present: Mutex<Present<MultiplexedConnection>>,
}

/// The connection that is used now. Each has a number: what failed on one says nothing about the next.
struct Present<C> {
    number: u64,
    connection: Option<C>,
}

impl<C: Clone> Present<C> {
    const fn new() -> Self {
        Self { number: 0, connection: None }
    }

    fn get(&self) -> Option<(u64, C)> {
        self.connection.clone().map(|connection| (self.number, connection))
    }

    fn put(&mut self, connection: C) -> u64 {
        self.number += 1;
        self.connection = Some(connection);
        self.number
    }

    fn broke(&mut self, number: u64) {
        if self.number == number {
            self.connection = None;
        }
    }
}

/// What is told on a channel.
pub(super) struct Reading<'a> {
    line: &'a Line,
    channel: &'a str,
    stream: Option<PubSubStream>,
}

impl Line {
    pub(super) fn new(client: Client) -> Self {
        Self { client, present: Mutex::new(Present::new()) }
    }

    /// Where Redis is, without a password.
    pub(super) fn address(&self) -> String {
        let info = self.client.get_connection_info();
        format!("{}/{}", info.addr(), info.redis_settings().db())
    }

    /// Runs a command. It has to be one that may run twice: a broken connection does not tell whether
    /// it did.
    pub(super) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        match self.try_once(command).await {
            // The connection was lost while nobody used it, as when Redis was restarted.
            Err(error) if error.is_io_error() && !error.is_timeout() => {
                self.try_once(command).await
            }
            other => other,
        }
    }

    async fn try_once<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let (number, mut connection) = self.connection().await?;
        let response = command.query_async(&mut connection).await;
        if let Err(error) = &response
            && (error.is_io_error() || error.is_unrecoverable_error())
        {
            self.present.lock().await.broke(number);
        }
        response
    }

    async fn connection(&self) -> RedisResult<(u64, MultiplexedConnection)> {
        let mut present = self.present.lock().await;
        if let Some(present) = present.get() {
            return Ok(present);
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LIMIT))
            .set_response_timeout(Some(LIMIT));
        let made = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        Ok((present.put(made.clone()), made))
    }

    async fn subscribe(&self, channel: &str) -> RedisResult<PubSubStream> {
        let subscribing = async {
            let mut listening = self.client.get_async_pubsub().await?;
            listening.subscribe(channel).await?;
            Ok(listening.into_on_message())
        };
        soon(subscribing).await
    }
}

/// What Redis is asked, with an end.
pub(super) async fn soon<T>(asking: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    timeout(LIMIT, asking).await.unwrap_or_else(|_| {
        let slow = std::io::Error::from(std::io::ErrorKind::TimedOut);
        Err(RedisError::from(slow))
    })
}

impl<'a> Reading<'a> {
    pub(super) const fn new(line: &'a Line, channel: &'a str) -> Self {
        Self { line, channel, stream: None }
    }

    /// Listens from now on. Without success nothing is heard for now, and the next wait tries again.
    pub(super) async fn listen(&mut self) {
        if self.stream.is_none() {
            self.stream = self.line.subscribe(self.channel).await.ok();
        }
    }

    /// Ends when something is told that begins with `word`, and when something may have been missed.
    pub(super) async fn wait_for(&mut self, word: &str) {
        let Some(stream) = &mut self.stream else { return tokio::time::sleep(PAUSE).await };
        while let Some(told) = stream.next().await {
            if told.get_payload_bytes().starts_with(word.as_bytes()) {
                return;
            }
        }
        self.stream = None;
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_failure_of_a_connection_does_not_take_the_next_one_away() {
        let mut present = Present::new();
        let first = present.put("first");
        present.broke(first);
        assert_eq!(present.get(), None);
        let second = present.put("second");
        present.broke(first);
        assert_eq!(present.get(), Some((second, "second")));
    }
}
