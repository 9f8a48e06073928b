//! Names that the requests of other libraries have. The message of a bound that is never met says what to write.

use super::Call;
use super::response::Response;
use super::stream::{Download, Events, Lines, PageStream, Pages};
use crate::types::never;

/// The bound of sending by hand.
#[diagnostic::on_unimplemented(
    message = "a call is sent when it is awaited",
    label = "remove this",
    note = "`.await` returns the decoded value or the error, so remove `.json()`, `.text()` and `.error_for_status()` \
            as well"
)]
pub trait SentByHand {}

/// The bound of a result that is taken from a call.
#[diagnostic::on_unimplemented(
    message = "a call has no result before it is awaited",
    label = "write `.await` before this"
)]
pub trait NotAwaited {}

/// The bound of bodies that are given to a call.
#[diagnostic::on_unimplemented(
    message = "the trait declares what a call sends and returns",
    label = "declare a parameter such as `#[json] order: &Order`, and the return type",
    note = "for another body, write `#[form]`, `#[body]` or `#[part]`",
    note = "for the text of a response, return `Result<String>`"
)]
pub trait BodyOfACall {}

/// The bound of tokens that are given to a call.
#[diagnostic::on_unimplemented(
    message = "the session supplies the token of a call",
    label = "declare `auth(bearer)` in `#[api_client(..)]`, and remove this",
    note = "for tokens from elsewhere, write `client.session().login(tokens).await`",
    note = "for the tokens of another user, write `.in_session(&session)`"
)]
pub trait TokenOfACall {}

/// The bound of headers and query values as a map.
#[diagnostic::on_unimplemented(
    message = "a call takes headers and query values one by one",
    label = "write `.header(name, value)` or `.query(name, value)` for each",
    note = "for several at once, declare a parameter: `#[headers] headers: &HeaderMap` or `#[query(flatten)] filter: \
            &Filter`"
)]
pub trait SeveralOfACall {}

/// The bound of time limits by other names.
#[diagnostic::on_unimplemented(
    message = "`.timeout(..)` limits the time of a call",
    label = "write `.timeout(Duration::from_secs(10))`"
)]
pub trait TimeoutByAnotherName {}

/// The bound of cancelling a call.
#[diagnostic::on_unimplemented(
    message = "dropping a call cancels it",
    label = "remove this, and drop the call, or await it in `tokio::select!`"
)]
pub trait CancelledByHand {}

/// The bound of blocking by other names.
#[diagnostic::on_unimplemented(
    message = "`.wait()` waits for a call in code that is not async",
    label = "write `.wait()`, and add `features = [\"blocking\"]` to `perennial` in `Cargo.toml`"
)]
pub trait WaitByAnotherName {}

/// The bound of waiting for a call in code that is not async.
#[cfg(not(feature = "blocking"))]
#[diagnostic::on_unimplemented(
    message = "`.wait()` needs the feature `blocking`",
    label = "add `features = [\"blocking\"]` to `perennial` in `Cargo.toml`, or write `.await` in async code"
)]
pub trait WaitedFor {}

/// The bound of compressing a body.
#[cfg(not(feature = "gzip-requests"))]
#[diagnostic::on_unimplemented(
    message = "`.gzip()` needs the feature `gzip-requests`",
    label = "add `features = [\"gzip-requests\"]` to `perennial` in `Cargo.toml`",
    note = "responses are decompressed without it"
)]
pub trait Compressed {}

/// The bound of reading a response a second time.
#[diagnostic::on_unimplemented(
    message = "the value of a response is already decoded",
    label = "write `.value()`, or `.into_value()`"
)]
pub trait DecodedBefore {}

/// The bound of the next item of a stream.
#[diagnostic::on_unimplemented(
    message = "`.next()` returns the next item of a stream",
    label = "write `.next().await`, as in `while let Some(item) = items.next().await`"
)]
pub trait NextByAnotherName {}

/// The bound of the next page.
#[diagnostic::on_unimplemented(
    message = "`.pages()` returns the pages of a list as a stream",
    label = "write `.pages()`, and then `.next().await` on the result"
)]
pub trait NextPage {}

/// The bound of all items of a stream.
#[diagnostic::on_unimplemented(
    message = "`.try_collect()` collects the items of a stream, up to the first error",
    label = "write `.try_collect::<Vec<_>>().await?`"
)]
pub trait AllByAnotherName {}

/// The bound of decoding a download.
#[diagnostic::on_unimplemented(
    message = "a download is not decoded",
    label = "write `.bytes().await?`",
    note = "for the text of a response, return `Result<String>` from the method",
    note = "for JSON, return `Result` with the decoded type"
)]
pub trait DecodedDownload {}

/// The bound of the length of a download.
#[diagnostic::on_unimplemented(
    message = "`.length()` returns the length of a download",
    label = "write `.length()`"
)]
pub trait LengthByAnotherName {}

/// The bound of saving a download.
#[diagnostic::on_unimplemented(
    message = "`.save(..)` saves a download",
    label = "write `.save(path).await?`",
    note = "to write the chunks elsewhere, use `.chunk().await?` or `.into_stream()`"
)]
pub trait SaveByAnotherName {}

/// The bound of the chunks of a download.
#[diagnostic::on_unimplemented(
    message = "`.into_stream()` returns the chunks of a download as a stream",
    label = "write `.into_stream()`"
)]
pub trait ChunksByAnotherName {}

never! {
    impl[T] Response<T> where DecodedBefore {
        json text bytes body data payload into_body into_data into_inner into_parts get_ref
    }
    impl[T, E] Call<T, E> where SentByHand { send execute fetch }
    impl[T, E] Call<T, E> where NotAwaited {
        unwrap expect unwrap_or unwrap_or_else unwrap_or_default is_ok is_err ok err iter map_err context with_context
    }
    impl[T, E] Call<T, E> where BodyOfACall { json form body multipart text bytes }
    impl[T, E] Call<T, E> where TokenOfACall { bearer_auth basic_auth auth token with_token }
    impl[T, E] Call<T, E> where TimeoutByAnotherName { timeout_ms timeout_secs with_timeout deadline }
    impl[T, E] Call<T, E> where CancelledByHand { cancel abort }
    impl[T, E] Call<T, E> where WaitByAnotherName { block block_on blocking call_blocking send_blocking }
    impl[T, E] Call<T, E> where SeveralOfACall { headers queries query_params params }
    impl[T, E] Pages<T, E> where SeveralOfACall { headers queries query_params params }
    impl[T, E] Events<T, E> where SeveralOfACall { headers queries query_params params }
    impl[T, E] Lines<T, E> where SeveralOfACall { headers queries query_params params }
    impl[T, E] Pages<T, E> where NextPage { next_page page each_page }
    impl[T, E] Pages<T, E> where NextByAnotherName { recv next_item iter }
    impl[T, E] PageStream<T, E> where NextByAnotherName { recv next_page iter }
    impl[T, E] Events<T, E> where NextByAnotherName { recv message next_event next_message iter }
    impl[T, E] Lines<T, E> where NextByAnotherName { recv next_line read_line iter }
    impl[T, E] Pages<T, E> where AllByAnotherName { all all_items collect_all to_vec into_vec }
    impl[T, E] PageStream<T, E> where AllByAnotherName { all all_pages collect_all to_vec into_vec }
    impl[T, E] Events<T, E> where AllByAnotherName { all all_events collect_all to_vec into_vec }
    impl[T, E] Lines<T, E> where AllByAnotherName { all all_lines collect_all to_vec into_vec }
    impl[] Download where DecodedDownload { text json string body }
    impl[] Download where LengthByAnotherName { content_length len size }
    impl[] Download where ChunksByAnotherName { stream bytes_stream into_byte_stream }
}

#[cfg(not(target_family = "wasm"))]
never! {
    impl[] Download where SaveByAnotherName { copy_to write_to write_to_file save_to save_as }
}

#[cfg(not(feature = "gzip-requests"))]
never! {
    impl[T, E] Call<T, E> where Compressed { gzip }
}

#[cfg(not(feature = "blocking"))]
never! {
    impl[T, E] Call<T, E> where WaitedFor { wait }
}
