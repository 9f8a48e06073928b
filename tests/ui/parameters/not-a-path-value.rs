use perennial::{Result, api_client};

struct Price;

#[api_client]
trait Shop {
    #[get("/orders/{price}")]
    async fn orders(&self, price: Price) -> Result<String>;
}

fn main() {}
