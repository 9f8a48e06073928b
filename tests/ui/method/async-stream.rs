use perennial::api_client;

type Pages<T> = perennial::Result<T>;

#[api_client]
trait Shop {
    #[get("/orders", page(link))]
    async fn orders(&self) -> Pages<String>;
}

fn main() {}
