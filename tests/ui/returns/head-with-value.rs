use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[head("/orders")]
    async fn exists(&self) -> Result<bool>;
}

fn main() {}
