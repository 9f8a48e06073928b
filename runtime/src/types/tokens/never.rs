// Methods that cannot be called, and whose bounds say what to write. This file is included in the module of the type, so
// that the compiler names them as `Tokens::token`. Each is on one line, since the compiler quotes it.

use other_names::{AccessTokenByAnotherName, RefreshTokenByAnotherName};

impl Tokens {
    #[doc(hidden)]
    pub fn access_token<T>(&self) -> T where Self: AccessTokenByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn token<T>(&self) -> T where Self: AccessTokenByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn secret<T>(&self) -> T where Self: AccessTokenByAnotherName<T> { unreachable!() }
    #[doc(hidden)]
    pub fn refresh_token<T>(&self) -> T where Self: RefreshTokenByAnotherName<T> { unreachable!() }
}
