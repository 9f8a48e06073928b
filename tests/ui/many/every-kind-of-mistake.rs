use perennial::{Pages, Result, api_client};

struct Order;

#[api_client(timout = "10s")]
trait Shop {
    #[get("/orders/{oder}")]
    async fn order(&self, order: u64) -> Result<String>;

    #[get("/orders", page(link))]
    fn orders(&self) -> Pages<Order>;

    #[post("/orders")]
    async fn create(&self, #[json] order: &Order) -> Result<Order>;
}

fn main() {}
