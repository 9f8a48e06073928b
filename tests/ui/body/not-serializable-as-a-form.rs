use perennial::{Result, api_client};

struct NewOrder;

#[api_client]
trait Shop {
    #[post("/orders")]
    async fn create(&self, #[form] order: &NewOrder) -> Result<()>;
}

fn main() {}
