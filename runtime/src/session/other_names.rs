//! Names that sessions of other libraries have. The message of a bound that is never met says what to write.

use super::Session;
use crate::types::{never, never_met};

/// The bound of a session without a client.
#[diagnostic::on_unimplemented(
    message = "a session is created with its client",
    label = "write `client.session().clone()`, with a client that is built",
    note = "`client.session().sibling()` is a session for another user"
)]
pub trait SessionOfAClient {}

/// The bound of setters of tokens.
#[diagnostic::on_unimplemented(
    message = "tokens come into a session by a login",
    label = "write `login(Tokens::new(\"..\").with_refresh(\"..\")).await?`",
    note = "a method that is marked `login` does so with the tokens of its response"
)]
pub trait TokensOfALogin<T> {}

/// The bound of getters of a token.
#[diagnostic::on_unimplemented(
    message = "the tokens of a session are one value",
    label = "write `tokens()`; they have `access()` and `refresh()`"
)]
pub trait TokensOfASession<T> {}

/// The bound of questions.
#[diagnostic::on_unimplemented(
    message = "this question to a session has another name",
    label = "write `is_signed_in()`"
)]
pub trait SignedInByAnotherName<T> {}

/// The bound of refreshes.
#[diagnostic::on_unimplemented(
    message = "refreshing the tokens of a session has another name",
    label = "write `refresh().await?`",
    note = "calls refresh an expired token themselves"
)]
pub trait RefreshByAnotherName<T> {}

/// The bound of the end of a session.
#[diagnostic::on_unimplemented(
    message = "signing out has another name",
    label = "write `logout().await?`",
    note = "`expire_now()` keeps the user signed in, and the next call refreshes the token"
)]
pub trait LogoutByAnotherName<T> {}

never_met! {
    TokensOfALogin TokensOfASession SignedInByAnotherName RefreshByAnotherName LogoutByAnotherName
}

never! {
    impl[] Session where SessionOfAClient { new open create }
}
