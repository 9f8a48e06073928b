use perennial::{Result, api_client};

#[api_client(dyn)]
trait Shop {
    #[get("/orders")]
    async fn orders<T: std::fmt::Display + Send + Sync>(&self, #[query] tag: T) -> Result<String>;
}

fn main() {}
