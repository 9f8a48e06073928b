use perennial::{Result, Tokens, api_client};

#[api_client(
    headers(("Accept", "text/plain")),
    envelope(code = "code", ok = !1),
    auth(bearer, expired(body("error.code") = 1), logout(code = 4xx)),
    retry(3, backoff = ("100ms", "5s")),
    allow(clippy::too_many_arguments),
)]
trait Shop {
    #[post("/token", refresh, headers(["Accept" = "text/plain"]))]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", headers("X-Tenant" = tokens.tenant), timeout = pub, retry = 0)]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
