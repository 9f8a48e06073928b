use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

fn use_it() {
    let _ = Shop::builder("https://shop.example");
}

fn main() {}
