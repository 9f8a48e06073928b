use perennial::{Result, api_client};

#[derive(Clone, Debug)]
pub struct ShopClient {
    orders: u32,
}

impl ShopClient {
    pub fn new() -> Self {
        Self { orders: 0 }
    }
}

#[api_client(auth(bearer, expired(status = 401)))]
trait Shop {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<perennial::Tokens>;

    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
