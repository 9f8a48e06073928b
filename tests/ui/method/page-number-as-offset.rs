use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(offset = "page", items = "data"))]
    fn orders(&self) -> Pages<u64>;
}

fn main() {}
