/// `#[get("/path")]`: a `GET` request. Safe and idempotent.
pub mod get {}
/// `#[post("/path")]`: a `POST` request. Not idempotent, so not retried unless declared `idempotent`.
pub mod post {}
/// `#[put("/path")]`: a `PUT` request. Idempotent.
pub mod put {}
/// `#[patch("/path")]`: a `PATCH` request. Not idempotent.
pub mod patch {}
/// `#[delete("/path")]`: a `DELETE` request. Idempotent.
pub mod delete {}
/// `#[head("/path")]`: a `HEAD` request. Safe and idempotent. Returns `()` or `Response<()>`.
pub mod head {}
/// `#[options("/path")]`: an `OPTIONS` request. Safe and idempotent.
pub mod options {}
/// `#[http("NAME", "/path")]`: a request with any other method.
pub mod http {}
/// `#[errors(404 => NotFound, 5xx => Outage, code 2001 => QuotaExceeded)]`: maps responses to variants of the
/// method's own error type. The value of a variant is decoded from the body. The first matching arm applies.
pub mod errors {}
