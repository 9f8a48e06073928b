/// `#[query]`, `#[query("name")]`: a query value. `None` omits it; a list sends it once per element.
/// `#[query(flatten)]`: the fields of a struct.
pub mod query {}
/// `#[header]`, `#[header("If-Match")]`: a header. `None` omits it.
pub mod header {}
/// `#[headers]`: a `&HeaderMap` or an `Option` of it.
pub mod headers {}
/// `#[json]`: the body, encoded as JSON with serde. `None` sends no body; a `String` is one JSON string.
pub mod json {}
/// `#[form]`: the body, encoded as a form with serde.
pub mod form {}
/// `#[field]`, `#[field("name")]`: one field of a form.
pub mod field {}
/// `#[part]`, `#[part("photo", mime = "image/png", file = "a.png")]`, `#[part(json)]`: one part of a multipart body.
pub mod part {}
/// `#[body]`: the raw body: bytes, text, a file or a stream.
pub mod body {}
/// `#[url]`: the URL of a call, with `#[get(url)]`; a relative one is joined to the base. The token is sent
/// only to the client's own origin.
pub mod url {}
/// `#[ext]`: a typed value for layers, in the extensions of the request.
pub mod ext {}
/// `#[encoded]`, `#[encoded(codec = perennial::codec::Xml)]`: the body, encoded with serde in the format that
/// `codec = ..` declares here, on the method or on the trait.
pub mod encoded {}
