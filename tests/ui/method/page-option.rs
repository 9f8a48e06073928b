use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", page(number = "page", items = "data"))]
    fn orders(&self) -> Pages<u64>;

    #[get("/items", page(link, size = "limit"))]
    fn items(&self, #[query] limit: u32) -> Pages<u64>;

    // Two mistakes are reported in one build.
    #[get("/users", page(number = "pageNum", size = "pageSize", items = "rows"))]
    fn users(&self) -> Pages<u64>;
}

fn main() {}
