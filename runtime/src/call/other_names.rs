//! Names that the requests of other libraries have. The message of a bound that is never met says what to write.

use super::Call;
use super::response::Response;
use super::stream::{Download, Events, Lines, PageStream, Pages};
use crate::types::never;

/// The bound of sending by hand.
#[diagnostic::on_unimplemented(
    message = "a call is sent when it is awaited",
    label = "remove this",
    note = "the `.await` returns the decoded value, or the error: `.json()`, `.text()` and `.error_for_status()` are \
            not needed either"
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
    message = "the trait declares what a call sends, and what it returns",
    label = "declare a parameter such as `#[json] order: &Order`, and the return type",
    note = "`#[form]`, `#[body]` and `#[part]` are the other bodies, and `Result<String>` is the text of a response"
)]
pub trait BodyOfACall {}

/// The bound of tokens that are given to a call.
#[diagnostic::on_unimplemented(
    message = "the session gives a call its token",
    label = "declare `auth(bearer)` in `#[api_client(..)]`, and remove this",
    note = "`client.session().login(tokens).await` takes tokens from elsewhere, and `.in_session(&session)` those of \
            another user"
)]
pub trait TokenOfACall {}

/// The bound of headers and query values as a map.
#[diagnostic::on_unimplemented(
    message = "a call takes headers and query values one by one",
    label = "write `.header(name, value)` or `.query(name, value)` for each",
    note = "parameters take several: `#[headers] headers: &HeaderMap`, and `#[query(flatten)] filter: &Filter`"
)]
pub trait SeveralOfACall {}

/// The bound of time limits by other names.
#[diagnostic::on_unimplemented(
    message = "the time limit of a call is a duration",
    label = "write `.timeout(Duration::from_secs(10))`"
)]
pub trait TimeoutByAnotherName {}

/// The bound of cancelling a call.
#[diagnostic::on_unimplemented(
    message = "a call is cancelled when it is dropped",
    label = "remove this: drop the call, or await it in `tokio::select!`"
)]
pub trait CancelledByHand {}

/// The bound of blocking by other names.
#[diagnostic::on_unimplemented(
    message = "waiting for a call in code that is not async has another name",
    label = "write `.wait()`, with `features = [\"blocking\"]` for perennial in `Cargo.toml`"
)]
pub trait WaitByAnotherName {}

/// The bound of waiting for a call in code that is not async.
#[cfg(not(feature = "blocking"))]
#[diagnostic::on_unimplemented(
    message = "`.wait()` needs the feature `blocking`",
    label = "write `features = [\"blocking\"]` for perennial in `Cargo.toml`, or `.await` in async code"
)]
pub trait WaitedFor {}

/// The bound of compressing a body.
#[cfg(not(feature = "gzip-requests"))]
#[diagnostic::on_unimplemented(
    message = "`.gzip()` needs the feature `gzip-requests`",
    label = "write `features = [\"gzip-requests\"]` for perennial in `Cargo.toml`",
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
    message = "the next item of a stream has another name",
    label = "write `.next().await`, as in `while let Some(item) = items.next().await`"
)]
pub trait NextByAnotherName {}

/// The bound of the next page.
#[diagnostic::on_unimplemented(
    message = "the pages of a list are a stream of their own",
    label = "write `.pages()`, and `.next().await` of the result"
)]
pub trait NextPage {}

/// The bound of all items of a stream.
#[diagnostic::on_unimplemented(
    message = "all items of a stream are collected, up to the first error",
    label = "write `.try_collect::<Vec<_>>().await?`"
)]
pub trait AllByAnotherName {}

/// The bound of decoding a download.
#[diagnostic::on_unimplemented(
    message = "a download is not decoded",
    label = "write `.bytes().await?`",
    note = "a method that returns `Result<String>` is the text of the response, and with any other type its JSON"
)]
pub trait DecodedDownload {}

/// The bound of the length of a download.
#[diagnostic::on_unimplemented(
    message = "the length of a download has another name",
    label = "write `.length()`"
)]
pub trait LengthByAnotherName {}

/// The bound of saving a download.
#[diagnostic::on_unimplemented(
    message = "saving a download has another name",
    label = "write `.save(path).await?`",
    note = "`.chunk().await?` and `.into_stream()` are the chunks, to write them elsewhere"
)]
pub trait SaveByAnotherName {}

/// The bound of the chunks of a download.
#[diagnostic::on_unimplemented(
    message = "the stream of a download has another name",
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
