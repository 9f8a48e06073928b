/// How many fields and values differ. A field that is `null` may be left out.
fn distance(read: &serde_json::Value, kept: &serde_json::Value) -> usize {
    use serde_json::Value;
    match (read, kept) {
        (Value::Object(read), Value::Object(kept)) => {
            let added = kept.keys().filter(|name| !read.contains_key(*name)).count();
            let lost = |(name, value): (&::std::string::String, &Value)| match kept.get(name) {
                ::core::option::Option::Some(other) => distance(value, other),
                ::core::option::Option::None => usize::from(!value.is_null()),
            };
            added + read.iter().map(lost).sum::<usize>()
        }
        (Value::Array(read), Value::Array(kept)) if read.len() == kept.len() => {
            read.iter().zip(kept).map(|(read, kept)| distance(read, kept)).sum()
        }
        (Value::Number(read), Value::Number(kept)) => usize::from(read.as_f64() != kept.as_f64()),
        (read, kept) => usize::from(read != kept),
    }
}
