//! A body that is compressed as it is sent.

use std::io::Write as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body::{Body, Frame};

use crate::ports::http::HttpBody;
use crate::types::error::BoxError;

/// Compresses a body. The length of the result is unknown.
pub(crate) fn gzipped(body: HttpBody) -> HttpBody {
    let encoder = Some(GzEncoder::new(Vec::new(), Compression::default()));
    HttpBody::wrap(Gzipped { body, encoder })
}

struct Gzipped {
    body: HttpBody,
    /// `None` after the end.
    encoder: Option<GzEncoder<Vec<u8>>>,
}

impl Body for Gzipped {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        loop {
            let Some(encoder) = &mut this.encoder else { return Poll::Ready(None) };
            let frame = std::task::ready!(Pin::new(&mut this.body).poll_frame(context));
            match frame.transpose()?.map(Frame::into_data) {
                Some(Ok(chunk)) => encoder.write_all(&chunk)?,
                Some(Err(_)) => continue,
                None => {
                    let end = this.encoder.take().map(GzEncoder::finish).transpose()?;
                    let end = end.filter(|end| !end.is_empty());
                    return Poll::Ready(end.map(|end| Ok(Frame::data(end.into()))));
                }
            }
            // The encoder may have buffered everything.
            let written = std::mem::take(encoder.get_mut());
            if !written.is_empty() {
                return Poll::Ready(Some(Ok(Frame::data(written.into()))));
            }
        }
    }
}
