//! All public types can be sent to another thread and shown, and most can be shared.
#![allow(missing_docs)]

use std::fmt::Debug;

use perennial::body::{BodyFactory, FileBody, Part, Progress, ProgressEvents, StreamBody};
use perennial::declared::{Credential, Endpoint, Envelope, RawResponse, Rule, Scalar};
use perennial::layer::{Attempt, HttpBody};
use perennial::store::{MemoryStore, StoreError, StoreLock, Stored, Version};
use perennial::stream::{DownloadStream, PageStream, ServerEvent};
use perennial::system::{SystemClock, TokioSpawner};
use perennial::{
    BasicAuth, Call, ClientBuilder, Download, Error, ErrorKind, Event, Events, Expiry, Lines,
    Login, Pages, RefreshCause, RefreshFailure, RefreshToken, Response, Result, Session,
    SessionCredential, SessionId, Stats, TokenKey, Tokens, api_client,
};

#[api_client]
trait Shop {
    #[get("/search")]
    async fn search(&self) -> Result<String>;
}

const fn is_sent<T: Send + Unpin + Debug>() {}
const fn is_shared<T: Send + Sync + Unpin + Debug>() {}

/// A future, a stream and a builder have one owner, who may hand them to another thread.
#[test]
fn calls_streams_and_builders_can_be_sent_and_shown() {
    is_sent::<(ClientBuilder<ShopClient>, Call<u64>)>();
    is_sent::<(Events<u64>, Lines<u64>, Pages<u64>, PageStream<u64>)>();
    is_sent::<(DownloadStream, ProgressEvents)>();
}

#[test]
fn all_other_public_types_can_be_shared_and_shown() {
    is_shared::<ShopClient>();
    is_shared::<(Download, ServerEvent<u64>, Response<u64>, Login<u64>)>();
    is_shared::<(Session, SessionCredential, SessionId, Stats)>();
    is_shared::<(Tokens, Expiry, BasicAuth, RefreshToken, TokenKey)>();
    is_shared::<(Error, ErrorKind, Event, RefreshCause, RefreshFailure)>();
    is_shared::<(BodyFactory, FileBody, Part, Progress, StreamBody)>();
    is_shared::<(Endpoint, Envelope, Credential, Rule, Scalar, RawResponse<'_>)>();
    is_shared::<(Attempt, HttpBody)>();
    is_shared::<(MemoryStore, Stored, Version, StoreError, StoreLock)>();
    is_shared::<(SystemClock, TokioSpawner)>();
}
