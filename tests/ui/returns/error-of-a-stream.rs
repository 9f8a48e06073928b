use perennial::{Events, api_client};

struct MyErr;

#[api_client]
trait Shop {
    #[get("/orders")]
    fn orders(&self) -> Events<String, MyErr>;
}

fn main() {}
