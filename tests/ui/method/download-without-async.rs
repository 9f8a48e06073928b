use perennial::{Download, Result, api_client};

#[api_client]
trait Shop {
    #[get("/export")]
    fn export(&self) -> Download;
}

async fn use_it(shop: ShopClient) -> Result<Download> {
    shop.export().await
}

fn main() {}
