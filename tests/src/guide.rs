//! Helpers that several examples of the guide share.

use perennial::{RefreshToken, Tokens};
use serde::Serialize;

/// The body of a refresh that sends the refresh token as JSON: `{"refresh_token": ".."}`.
#[derive(Debug, Serialize)]
pub struct RefreshRequest {
    refresh_token: RefreshToken,
}

impl From<&Tokens> for RefreshRequest {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.into() }
    }
}
