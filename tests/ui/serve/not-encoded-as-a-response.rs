use perennial::{Lines, Response, Result, api_client};

#[derive(serde::Deserialize)]
struct Order {
    id: u64,
}

#[api_client(serve)]
trait Shop {
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Order>;
    #[get("/orders/newest")]
    async fn newest(&self) -> Result<Response<Vec<Order>>>;
    #[get("/orders")]
    fn orders(&self) -> Lines<Order>;
}

fn main() {}
