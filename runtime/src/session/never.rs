// Methods that cannot be called, and whose bounds say what to write. This file is included in the module of the type, so
// that the compiler names them as `Session::renew`. Each is on one line, since the compiler quotes it.

use other_names::{LogoutByAnotherName, RefreshByAnotherName, SignedInByAnotherName, TokensOfALogin, TokensOfASession};

impl Session {
    #[doc(hidden)]
    pub fn set_token<Token, T>(&self, _: Token) -> T where Self: TokensOfALogin<T> { unreachable!() }
    #[doc(hidden)]
    pub fn set_tokens<Tokens, T>(&self, _: Tokens) -> T where Self: TokensOfALogin<T> { unreachable!() }
    #[doc(hidden)]
    pub fn set_access_token<Token, T>(&self, _: Token) -> T where Self: TokensOfALogin<T> { unreachable!() }
    #[doc(hidden)]
    pub fn with_token<Token, T>(&self, _: Token) -> T where Self: TokensOfALogin<T> { unreachable!() }
    #[doc(hidden)]
    pub fn with_tokens<Tokens, T>(&self, _: Tokens) -> T where Self: TokensOfALogin<T> { unreachable!() }
    #[doc(hidden)]
    pub fn sign_in<Tokens, T>(&self, _: Tokens) -> T where Self: TokensOfALogin<T> { unreachable!() }
    #[doc(hidden)]
    pub fn access_token<T>(&self) -> T where Self: TokensOfASession<T> { unreachable!() }
    #[doc(hidden)]
    pub fn get_token<T>(&self) -> T where Self: TokensOfASession<T> { unreachable!() }
    #[doc(hidden)]
    pub fn get_tokens<T>(&self) -> T where Self: TokensOfASession<T> { unreachable!() }
    #[doc(hidden)]
    pub fn get_access_token<T>(&self) -> T where Self: TokensOfASession<T> { unreachable!() }
    #[doc(hidden)]
    pub fn current_token<T>(&self) -> T where Self: TokensOfASession<T> { unreachable!() }
    #[doc(hidden)]
    pub fn token<T>(&self) -> T where Self: TokensOfASession<T> { unreachable!() }
    #[doc(hidden)]
    pub fn refresh_token<T>(&self) -> T where Self: TokensOfASession<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_logged_in<T>(&self) -> T where Self: SignedInByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_authenticated<T>(&self) -> T where Self: SignedInByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn has_token<T>(&self) -> T where Self: SignedInByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn has_tokens<T>(&self) -> T where Self: SignedInByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn is_valid<T>(&self) -> T where Self: SignedInByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn renew<T>(&self) -> T where Self: RefreshByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn renew_token<T>(&self) -> T where Self: RefreshByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn refresh_tokens<T>(&self) -> T where Self: RefreshByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn force_refresh<T>(&self) -> T where Self: RefreshByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn refresh_now<T>(&self) -> T where Self: RefreshByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn sign_out<T>(&self) -> T where Self: LogoutByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn log_out<T>(&self) -> T where Self: LogoutByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn clear<T>(&self) -> T where Self: LogoutByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn clear_tokens<T>(&self) -> T where Self: LogoutByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn remove_tokens<T>(&self) -> T where Self: LogoutByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn invalidate<T>(&self) -> T where Self: LogoutByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn reset<T>(&self) -> T where Self: LogoutByAnotherName<T> { unreachable!() }
}
