use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(number = "page", start = 1, more = "isLast"))]
    fn orders(&self) -> Pages<u64>;

    #[get("/items", page(cursor = "after", next = "next", more = "meta.end_of_stream"))]
    fn items(&self) -> Pages<u64>;

    #[get("/users", page(cursor = "after", next = "next", more = not("has_more")))]
    fn users(&self) -> Pages<u64>;
}

fn main() {}
