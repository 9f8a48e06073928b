use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(cursor = "after", next = "has_more", items = "data"))]
    fn orders(&self) -> Pages<u64>;
}

fn main() {}
