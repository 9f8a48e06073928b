use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(cursor = body("after"), next = "next", items = "data"))]
    fn orders(&self) -> Pages<u64>;
}

fn main() {}
