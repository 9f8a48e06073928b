use perennial::{Result, api_client};

const ORDERS: &str = "/orders";

#[api_client]
trait Shop {
    #[get(ORDERS)]
    async fn orders(&self) -> Result<String>;

    #[get(concat!("/users/", "{id}"))]
    async fn user(&self, id: u64) -> Result<String>;

    #[get(/orders/{id}, timeout = "3s")]
    async fn plain(&self, id: u64) -> Result<String>;
}

fn main() {}
