use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[cfg_attr(unix, get("/orders"))]
    async fn orders(&self) -> Result<String>;
}

fn main() {}
