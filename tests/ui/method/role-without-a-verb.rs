use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<u64>;

    async fn twice(&self, #[query] factor: u64) -> Result<u64> {
        Ok(self.orders().await? * factor)
    }
}

fn main() {}
