use perennial::{Download, Events, Pages, Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(next = "next", items = "orders"))]
    fn orders(&self) -> Pages<String>;

    #[get("/ticks")]
    fn ticks(&self) -> Events<u64>;

    #[get("/archive")]
    async fn archive(&self) -> Result<Download>;
}

async fn pages(shop: &ShopClient) -> Result<Vec<String>> {
    let page = shop.orders().next_page().await?;
    shop.orders().all().await
}

async fn events(shop: &ShopClient) {
    let mut ticks = shop.ticks();
    while let Some(tick) = ticks.recv().await {}
}

async fn download(shop: &ShopClient) -> Result<String> {
    shop.archive().await?.write_to("archive.zip").await?;
    println!("{:?}", shop.archive().await?.content_length());
    let chunks = shop.archive().await?.bytes_stream();
    shop.archive().await?.text().await
}

fn main() {}
