use perennial::{Result, api_client};

struct Price;

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[header("X-Price")] price: Price) -> Result<String>;
}

fn main() {}
