use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<impl Iterator<Item = u64>>;

    #[get("/users")]
    fn users(&self) -> impl Future<Output = Result<String>>;

    #[get("/items", page(link))]
    fn items(&self) -> impl futures::Stream<Item = Result<String>>;
}

async fn use_it(shop: ShopClient) -> Result<String> {
    shop.users().await
}

fn main() {}
