//! Names that sessions of other libraries have. The message of a bound that is never met says what to write.

use super::Session;
use crate::types::never_by_reference;

/// The bound of setters of tokens.
#[diagnostic::on_unimplemented(
    message = "tokens come into a session by a login",
    label = "write `login(Tokens::new(\"..\").with_refresh(\"..\")).await?`",
    note = "a method that is marked `login` does so with the tokens of its response"
)]
pub trait TokensOfALogin<Instead> {
    /// Never returns.
    fn instead(&self) -> Instead;
}

/// The bound of other names for the methods of a session.
#[diagnostic::on_unimplemented(
    message = "this method of a session has another name",
    label = "one of `tokens()`, `is_signed_in()`, `refresh().await` and `logout().await`"
)]
pub trait SessionByOtherNames<Instead> {
    /// Never returns.
    fn instead(&self) -> Instead;
}

never_by_reference! {
    impl Session where TokensOfALogin<Instead> {
        set_token(Token) set_tokens(Tokens) set_access_token(Token) with_token(Token) sign_in(Tokens)
    }
    impl Session where SessionByOtherNames<Instead> {
        access_token() get_token() is_logged_in() is_authenticated() refresh_token() renew() sign_out() clear()
    }
}
