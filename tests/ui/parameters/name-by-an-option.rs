use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query(name = "q")] text: &str, #[query(rename = "p")] page: u32) -> Result<String>;

    #[get("/items")]
    async fn items(&self, #[header(X-Tag)] tag: &str) -> Result<String>;
}

fn main() {}
