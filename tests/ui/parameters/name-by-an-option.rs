use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self, #[query(name = "q")] text: &str, #[header(X-Tag)] tag: &str) -> Result<String>;
}

fn main() {}
