use perennial::{Result, Tokens, api_client};

#[api_client(
    auth(name = "a", expired(401)),
    auth(name = "b", expired = is_expired),
    auth(name = "c", expired(status = 401 | 403)),
    auth(name = "d", expired(status == 401)),
    auth(name = "e", expired(message = "token expired")),
    auth(name = "f", expired(status = 4xx)),
    auth(name = "g", expired(status = StatusCode::UNAUTHORIZED)),
    auth(name = "h", expired(status = "401")),
    auth(name = "i", logout = "/logout"),
    auth(name = "j", expired(body("error", contains = "expired"))),
)]
trait Shop {
    #[post("/refresh", refresh("c"))]
    async fn refresh(&self) -> Result<Tokens>;
}

fn main() {}
