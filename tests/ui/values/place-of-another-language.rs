use perennial::{Pages, Result, Tokens, api_client};

#[api_client(
    envelope(code = "$.code", message = "/error/message", data = "data[0]", ok = 0),
    auth(bearer, expired(body("$['error'].type" = "expired"))),
    tokens(access = "$.data.token"),
)]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;

    #[get("/orders", page(cursor = "after", next = "$.next", items = "items[*]"))]
    fn orders(&self) -> Pages<u64>;

    // Names that begin with a dollar sign are names.
    #[get("/links", page(link = "$next.$ref"))]
    fn links(&self) -> Pages<u64>;
}

fn main() {}
