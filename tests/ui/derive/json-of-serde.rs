use perennial::Json;

#[derive(Json)]
#[serde(rename_all = "camelCase")]
struct Order {
    order_id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default)]
    count: u64,
}

fn main() {}
