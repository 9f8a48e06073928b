use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders", spec = "listOrders")]
    async fn orders(&self) -> Result<String>;

    #[get("/items", spec = off)]
    async fn items(&self) -> Result<String>;
}

fn main() {}
