//! Names that sessions of other libraries have. The message of a bound that is never met says what to write.

use super::Session;
use crate::types::{never, never_met};

/// The bound of a session without a client.
#[diagnostic::on_unimplemented(
    message = "a client creates its session",
    label = "write `client.session().clone()` after `.build()?`",
    note = "for the session of another user, write `client.session().sibling()`"
)]
pub trait SessionOfAClient {}

/// The bound of setters of tokens.
#[diagnostic::on_unimplemented(
    message = "a login brings tokens into a session",
    label = "write `login(Tokens::new(\"..\").with_refresh(\"..\")).await?`",
    note = "a method that is marked `login` takes the tokens from its response"
)]
pub trait TokensOfALogin<T> {}

/// The bound of getters of a token.
#[diagnostic::on_unimplemented(
    message = "`.tokens()` returns the tokens of a session",
    label = "write `tokens()`, and then `access()` or `refresh()`"
)]
pub trait TokensOfASession<T> {}

/// The bound of questions.
#[diagnostic::on_unimplemented(
    message = "`.is_signed_in()` tells whether the user is signed in",
    label = "write `is_signed_in()`"
)]
pub trait SignedInByAnotherName<T> {}

/// The bound of refreshes.
#[diagnostic::on_unimplemented(
    message = "`.refresh()` refreshes the tokens of a session",
    label = "write `refresh().await?`",
    note = "a call refreshes an expired token by itself"
)]
pub trait RefreshByAnotherName<T> {}

/// The bound of the end of a session.
#[diagnostic::on_unimplemented(
    message = "`.logout()` signs the user out",
    label = "write `logout().await?`",
    note = "to keep the user signed in, and refresh the token with the next call, write `expire_now()`"
)]
pub trait LogoutByAnotherName<T> {}

never_met! {
    TokensOfALogin TokensOfASession SignedInByAnotherName RefreshByAnotherName LogoutByAnotherName
}

never! {
    impl[] Session where SessionOfAClient { new open create }
}
