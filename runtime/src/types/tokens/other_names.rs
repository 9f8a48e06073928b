//! Names that the tokens of other libraries have. The message of a bound that is never met says what to write.

use crate::types::never_met;

/// The bound of the access token by other names.
#[diagnostic::on_unimplemented(
    message = "`.access()` returns the access token",
    label = "write `access()`"
)]
pub trait AccessTokenByAnotherName<T> {}

/// The bound of the refresh token by other names.
#[diagnostic::on_unimplemented(
    message = "`.refresh()` returns the refresh token",
    label = "write `refresh()`"
)]
pub trait RefreshTokenByAnotherName<T> {}

never_met! { AccessTokenByAnotherName RefreshTokenByAnotherName }
