/// A field that is `null` is `Some(None)`, and one that is not there `None`.
fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    from: D,
) -> ::core::result::Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}
