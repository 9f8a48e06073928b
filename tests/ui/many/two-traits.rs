use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders/{oder}")]
    async fn order(&self, order: u64) -> Result<String>;
}

#[api_client]
trait Stock {
    #[get("/items/{itm}")]
    async fn item(&self, item: u64) -> Result<String>;
}

#[api_client]
trait Users {
    #[get("/users")]
    fn users(&self) -> Result<String>;
}

async fn use_it(shop: ShopClient, stock: StockClient) -> Result<String> {
    shop.order(1).await?;
    stock.item(1).await
}

fn main() {}
