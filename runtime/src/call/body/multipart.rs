//! A multipart body (RFC 7578). It is built for each attempt from its parts, without copying them and
//! with the same boundary, so that all attempts send the same bytes.

use std::fmt::Write as _;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::HeaderValue;
use http_body::Body as _;

use super::part::{Content, Part, PartOptions};
use super::sized::{ByteStream, SizedBody};
use crate::call::parts::{BuildBody, BuildParts, BuiltBody};
use crate::logic::mask::{is_secret_name, without_secret_members};
use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::ports::random::random;
use crate::types::error::{BoxError, Error, ErrorKind, Result};
use crate::types::secret::Hidden;

pub(crate) struct Multipart {
    boundary: String,
    parts: Vec<EncodedPart>,
}

/// A part, with its encoded header.
struct EncodedPart {
    name: String,
    head: Bytes,
    part: Part,
}

impl BuildParts for Multipart {
    /// The part's own file name and media type take precedence over the declared ones.
    fn add(&mut self, name: &str, part: Part, declared: PartOptions) -> Result<()> {
        let mut head = format!("--{}\r\ncontent-disposition: form-data; name=\"", self.boundary);
        escape(&mut head, name)?;
        head.push('"');
        let own = part.file_name.as_deref().or(declared.file_name).map(str::to_owned);
        let is_file = matches!(part.content, Content::File(_));
        let from_path = match &part.content {
            Content::File(file) if own.is_none() => file.path_name(),
            _ => None,
        };
        if let Some(file_name) = own.or(from_path) {
            head.push_str("; filename=\"");
            escape(&mut head, &file_name)?;
            head.push('"');
        }
        let default = is_file.then_some("application/octet-stream");
        if let Some(media_type) = part.media_type.as_deref().or(declared.media_type).or(default) {
            if HeaderValue::from_str(media_type).is_err() {
                return Err(Error::of_kind(ErrorKind::Argument).with_message(format!(
                    "the media type of the part `{name}` is not a valid header value"
                )));
            }
            write!(head, "\r\ncontent-type: {media_type}").expect("a string takes everything");
        }
        head.push_str("\r\n\r\n");
        self.parts.push(EncodedPart { name: name.to_owned(), head: head.into(), part });
        Ok(())
    }

    fn curl_options(&self) -> Vec<(&'static str, String)> {
        let option = |EncodedPart { name, part, .. }: &EncodedPart| match &part.content {
            Content::Bytes(bytes) => match std::str::from_utf8(bytes) {
                // With `-F`, a text that starts with `@` or `<` would name a file.
                Ok(_) if is_secret_name(name) => ("--form-string", format!("{name}={Hidden}")),
                Ok(text) => {
                    let shown = without_secret_members(text);
                    ("--form-string", format!("{name}={}", shown.as_deref().unwrap_or(text)))
                }
                Err(_) => ("-F", format!("{name}=@-")),
            },
            Content::File(file) => ("-F", format!("{name}=@{}", file.origin())),
            Content::Factory(_) | Content::Once(_) => ("-F", format!("{name}=@-")),
        };
        self.parts.iter().map(option).collect()
    }

    fn count(&self) -> usize {
        self.parts.len()
    }

    fn texts(&self) -> Vec<(&str, &str)> {
        let texts = self.parts.iter().filter_map(|it| match &it.part.content {
            Content::Bytes(bytes) => Some((&*it.name, std::str::from_utf8(bytes).ok()?)),
            Content::File(_) | Content::Factory(_) | Content::Once(_) => None,
        });
        texts.collect()
    }
}

impl Multipart {
    pub(crate) fn new() -> Self {
        let (high, low) = (random(), random());
        Self { boundary: format!("perennial-{high:016x}{low:016x}"), parts: Vec::new() }
    }

    async fn open(&self) -> Result<(ByteStream, Option<u64>)> {
        let mut chunks: Vec<ByteStream> = Vec::with_capacity(self.parts.len() * 2 + 1);
        let end = Bytes::from(format!("--{}--\r\n", self.boundary));
        let mut total = Some(end.len() as u64);
        for EncodedPart { head, part, .. } in &self.parts {
            let (content, length) = open_part(part).await?;
            let around = head.len() as u64 + 2;
            total = total
                .zip(length)
                .and_then(|(total, length)| total.checked_add(length.checked_add(around)?));
            chunks.push(once(head.clone()));
            chunks.push(content);
            chunks.push(once(Bytes::from_static(b"\r\n")));
        }
        chunks.push(once(end));
        Ok((Box::pin(stream::iter(chunks).flatten()), total))
    }
}

impl BuildBody for Multipart {
    fn build(&self) -> BoxFuture<'_, Result<BuiltBody>> {
        Box::pin(async {
            let media_type = format!("multipart/form-data; boundary={}", self.boundary);
            let media_type = super::raw::media_type(Some(&media_type))?;
            let (content, length) = self.open().await?;
            Ok((SizedBody::body(content, length), media_type))
        })
    }

    fn is_repeatable(&self) -> bool {
        self.parts.iter().all(|it| it.part.is_repeatable())
    }
}

/// The content of a part, and its length if known.
async fn open_part(part: &Part) -> Result<(ByteStream, Option<u64>)> {
    Ok(match &part.content {
        Content::Bytes(bytes) => (once(bytes.clone()), Some(bytes.len() as u64)),
        Content::File(file) => file.content().await?,
        Content::Factory(factory) => of_body(factory.make()),
        Content::Once(stream) => of_body(stream.take()?),
    })
}

fn of_body(body: HttpBody) -> (ByteStream, Option<u64>) {
    let length = body.size_hint().exact();
    let frames = stream::unfold(Box::pin(body), |mut body| async move {
        loop {
            let frame = std::future::poll_fn(|context| body.as_mut().poll_frame(context)).await?;
            match frame.map(http_body::Frame::into_data) {
                Ok(Ok(data)) => return Some((Ok(data), body)),
                // A part has no trailers.
                Ok(Err(_)) => {}
                Err(error) => return Some((Err(BoxError::from(error)), body)),
            }
        }
    });
    (Box::pin(frames), length)
}

fn once(bytes: Bytes) -> ByteStream {
    Box::pin(stream::iter((!bytes.is_empty()).then_some(Ok(bytes))))
}

/// Writes a name as browsers do (RFC 7578, section 2): in UTF-8, with the three characters that could end it
/// percent-encoded. Other control characters are rejected, since no server accepts them, and so is the backslash,
/// since servers disagree on whether it escapes the next character.
fn escape(head: &mut String, name: &str) -> Result<()> {
    for character in name.chars() {
        match character {
            '"' => head.push_str("%22"),
            '\r' => head.push_str("%0D"),
            '\n' => head.push_str("%0A"),
            '\0'..'\x20' | '\x7f' | '\\' => {
                return Err(Error::of_kind(ErrorKind::Argument).with_message(
                    "the name of a part or of its file contains a backslash or a control character, \
                     which servers read in different ways; set another one with `file_name`",
                ));
            }
            other => head.push(other),
        }
    }
    Ok(())
}
