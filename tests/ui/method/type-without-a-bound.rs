use perennial::{Pages, Result, api_client};
use serde::de::DeserializeOwned;

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders<T>(&self) -> Result<Vec<T>>;

    #[get("/items/{id}")]
    async fn item<T: DeserializeOwned, I>(&self, id: I) -> Result<T>;

    #[get("/users", page(link))]
    fn users<T>(&self) -> Pages<T>
    where
        T: DeserializeOwned + Send;

    #[post("/users")]
    async fn add<T>(&self, #[json] user: &T) -> Result<()>;
}

async fn use_it(shop: ShopClient) -> Result<u64> {
    shop.add(&1).await?;
    shop.item(7).await
}

fn main() {}
