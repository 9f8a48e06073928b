use perennial::{Result, Tokens, api_client};

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/token", refresh)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;

    #[get("/orders/{id}")]
    async fn order(&self, id: OrderId, #[query] sort: Option<Sort>) -> Result<String>;

    #[get("/offers")]
    async fn offers(&self, #[query] kinds: &[Kind], #[query] page: Page) -> Result<String>;
}

#[api_client]
trait Cart {
    #[get("/cart/{id?}")]
    async fn cart(&self, id: Option<CartId>, #[header] locale: Locale) -> Result<String>;
}

struct Page<T>(T);

fn main() {}
