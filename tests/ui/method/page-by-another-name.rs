use perennial::{Pages, api_client};

#[api_client]
trait Shop {
    #[get("/orders", paginate(link))]
    fn orders(&self) -> Pages<String>;
}

fn main() {}
