//! The proofs of an attempt whose token is bound to a key (RFC 9449).

use std::mem;

use http::{HeaderMap, StatusCode};

use crate::call::parts::Parts;
use crate::ports::proof::{BoundKey, SCHEME};
use crate::ports::response::Received;
use crate::ports::transport::Outgoing;
use crate::session::AttemptTokens;
use crate::types::error::Result;
use crate::types::url::Url;

/// Adds the proofs for such tokens. They are valid for this request only.
pub(super) async fn prove(passes: &AttemptTokens, outgoing: &mut Outgoing) -> Result<()> {
    for pass in passes.iter() {
        let Some(BoundKey { key, prover }) = pass.key.as_deref() else { continue };
        let proof = prover.proof(key, &outgoing.method, &outgoing.url, pass.bare()).await?;
        outgoing.headers.insert(SCHEME, proof);
    }
    Ok(())
}

/// Stores the nonce that a response from this address names (section 8.2). Returns whether the server wants it in the
/// proof of the same request.
pub(super) fn learn_nonce(
    passes: &AttemptTokens,
    url: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> bool {
    let keys = passes.iter().filter_map(|pass| pass.key.as_deref());
    keys.fold(false, |asked, BoundKey { prover, .. }| prover.learn(url, status, headers) | asked)
}

/// Whether the server wants a proof with the nonce in its response (section 9). The call was not processed, and is
/// sent once more.
pub(super) fn asks_for_nonce(
    parts: &mut Parts,
    passes: &AttemptTokens,
    received: &Received,
) -> bool {
    if !passes.are_bound() || received.is_foreign {
        return false;
    }
    let Ok(url) = parts.client.address(&parts.url) else { return false };
    let asked = learn_nonce(passes, &url, received.status, &received.headers);
    let was_sent_again = mem::replace(&mut parts.progress.sent_for_nonce, asked);
    asked && !was_sent_again && parts.replays()
}
