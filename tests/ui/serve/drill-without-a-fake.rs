use perennial::{Result, api_client};

#[api_client]
trait Shop {
    #[get("/orders")]
    async fn orders(&self) -> Result<String>;
}

perennial_test::drill!(ShopClient);

perennial_test::lock!("the wire": ShopClient);

fn main() {}
