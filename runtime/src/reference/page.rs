/// `cursor = "after"`: the query value for the cursor; `body("..")` and `header("..")` for other places. A cursor
/// in a JSON body may be any value, even a list or an object.
pub mod cursor {}
/// `next = "meta.next"`: the path of the next cursor in the body, or `header("..")`.
pub mod next {}
/// `last = "id"`: the field of the last item that is the next cursor.
pub mod last {}
/// `offset = "skip"`: the query value for the number of items before the page.
pub mod offset {}
/// `number = "page"`: the query value for the number of the page.
pub mod number {}
/// `start = 1`: the number of the first page, or with `offset`, the number of the first item. Without it, an offset
/// counts from 0.
pub mod start {}
/// `size = "per_page"`: the query value for the size of a page.
pub mod size {}
/// `last_page = "meta.last"`: the path of the number of the last page in the body, or `header("..")`.
pub mod last_page {}
/// `link` for the `Link` header, or `link = "next"` for a URL in the body.
pub mod link {}
/// `host = keep`: only the path and the query of the link are used.
pub mod host {}
/// `more = "has_more"`: the path of a boolean that is true if there is another page; `more = not("is_last")` for one
/// that is true on the last page.
pub mod more {}
/// `end = 0` or `end = ["0", "none"]`: the values of the next cursor that mean the end.
pub mod end {}
/// `items = "data"`: the path of the items, from the top of the body. Default: the data of the envelope, or the whole
/// body.
pub mod items {}
/// `empty = absent`: a response without the list, with `null` in its place, or without a body, is an empty page.
/// Default: it is an error; only `null` at the path of `items` is an empty list.
pub mod empty {}
