//! The parts of a multipart body.

use std::fmt::Display;
use std::marker::PhantomData;

use bytes::Bytes;
use serde::Serialize;

use super::raw::{Once, Repeatable, Unlimited};
use super::{BodyFactory, FileBody, StreamBody};
use crate::call::draft::argument;
use crate::types::error::Result;
use crate::types::setters;

/// The options declared in a part's attribute.
#[derive(Debug, Clone, Copy, Default)]
pub struct PartOptions {
    pub(super) media_type: Option<&'static str>,
    pub(super) file_name: Option<&'static str>,
}

impl PartOptions {
    /// No options.
    pub const NEW: Self = Self { media_type: None, file_name: None };

    /// The media type, if none was declared.
    pub(crate) fn or_mime(mut self, media_type: &'static str) -> Self {
        self.media_type.get_or_insert(media_type);
        self
    }
}

setters!(PartOptions {
    media_type: &'static str as Some,
    file_name: &'static str as Some,
});

/// One part of a multipart body, for a content, file name or media type that is known only at run time.
///
/// ```
/// use perennial::{Result, api_client};
/// use perennial::body::Part;
///
/// #[api_client]
/// pub trait Album {
///     #[post("/photos")]
///     async fn add(&self, #[part] title: &str, #[part] photo: Part) -> Result<()>;
/// }
///
/// # async fn run(png: Vec<u8>) -> Result<()> {
/// let album = AlbumClient::builder("http://album.example").build()?;
/// album.add("sunset", Part::bytes(png).file_name("sunset.png").media_type("image/png")).await?;
/// album.add("sunrise", Part::file("sunrise.jpg").media_type("image/jpeg")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Part {
    pub(super) content: Content,
    pub(super) file_name: Option<String>,
    pub(super) media_type: Option<String>,
}

#[derive(Debug)]
pub(super) enum Content {
    Bytes(Bytes),
    File(FileBody),
    Factory(BodyFactory),
    Once(StreamBody),
}

impl Part {
    const fn of(content: Content) -> Self {
        Self { content, file_name: None, media_type: None }
    }

    /// Creates a text part.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Content::Bytes(text.into().into()))
    }

    /// Creates a part from bytes.
    #[must_use]
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes(bytes.into()))
    }

    /// Creates a part with the content of a file, streamed from disk.
    #[cfg(not(target_family = "wasm"))]
    #[must_use]
    pub fn file(path: impl Into<std::path::PathBuf>) -> Self {
        Self::from(FileBody::at(path))
    }

    /// Creates a part with this value in JSON.
    ///
    /// # Errors
    ///
    /// An error of the kind [`ErrorKind::Argument`](crate::ErrorKind::Argument) if the value cannot be
    /// serialized.
    pub fn json(value: &(impl Serialize + ?Sized)) -> Result<Self> {
        let json = serde_json::to_vec(value).map_err(argument)?;
        Ok(Self::bytes(json).media_type("application/json"))
    }

    /// Sets the file name that is sent to the server.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the media type.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    pub(super) fn is_repeatable(&self) -> bool {
        match &self.content {
            Content::Bytes(_) | Content::Factory(_) => true,
            Content::File(file) => file.is_repeatable(),
            Content::Once(_) => false,
        }
    }
}

impl From<FileBody> for Part {
    fn from(file: FileBody) -> Self {
        let (file_name, media_type) = (file.name.clone(), file.media_type.clone());
        Self { content: Content::File(file), file_name, media_type }
    }
}

impl From<BodyFactory> for Part {
    fn from(factory: BodyFactory) -> Self {
        let media_type = factory.media_type.clone();
        Self { content: Content::Factory(factory), file_name: None, media_type }
    }
}

impl From<StreamBody> for Part {
    fn from(stream: StreamBody) -> Self {
        let media_type = stream.media_type.clone();
        Self { content: Content::Once(stream), file_name: None, media_type }
    }
}

/// Types that can be a part of a multipart body: text, bytes, a file, a stream, an `Option` of these (`None` leaves
/// the part out), and a list of them (one part each). `M` distinguishes these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a part of a multipart body",
    label = "expected text, bytes, a file or a stream",
    note = "pass a string, a number, `Bytes`, `Vec<u8>`, a `FileBody`, a `Part`, or an `Option` of one of these",
    note = "for a struct, write `#[part(json)]`"
)]
pub trait PartValue<M> {
    /// Passes each part to `each`.
    fn visit(self, each: &mut dyn FnMut(Part));

    /// The parts as a list.
    fn into_parts(self) -> PartList<M>
    where
        Self: Sized,
    {
        let mut parts = Vec::new();
        self.visit(&mut |part| parts.push(part));
        PartList(parts, PhantomData)
    }
}

/// The parts of one name.
#[derive(Debug)]
pub struct PartList<M>(pub(crate) Vec<Part>, PhantomData<fn() -> M>);

#[diagnostic::do_not_recommend]
impl<M: Unlimited> Repeatable for PartList<M> {}

impl Unlimited for Text {}
impl Unlimited for Ready {}
impl<M: Unlimited> Unlimited for Maybe<M> {}

/// Text.
#[derive(Debug)]
pub enum Text {}
/// Bytes, or a [`Part`].
#[derive(Debug)]
pub enum Ready {}
/// An optional part.
#[derive(Debug)]
pub struct Maybe<M>(PhantomData<M>);

#[diagnostic::do_not_recommend]
impl<T: Display> PartValue<Text> for T {
    fn visit(self, each: &mut dyn FnMut(Part)) {
        each(Part::text(self.to_string()));
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: PartValue<M>> PartValue<Maybe<M>> for Option<T> {
    fn visit(self, each: &mut dyn FnMut(Part)) {
        if let Some(value) = self {
            value.visit(each);
        }
    }
}

macro_rules! ready {
    ($($type:ty: $value:ident => $part:expr),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl PartValue<Ready> for $type {
            fn visit(self, each: &mut dyn FnMut(Part)) {
                let $value = self;
                each($part);
            }
        }
    )*};
}

ready! {
    Part: it => it,
    Bytes: it => Part::bytes(it),
    &Bytes: it => Part::bytes(it.clone()),
    Vec<u8>: it => Part::bytes(it),
    &Vec<u8>: it => Part::bytes(it.clone()),
    &[u8]: it => Part::bytes(it.to_vec()),
    FileBody: it => Part::from(it),
    &FileBody: it => Part::from(it.clone()),
    BodyFactory: it => Part::from(it),
}

#[diagnostic::do_not_recommend]
impl PartValue<Once> for StreamBody {
    fn visit(self, each: &mut dyn FnMut(Part)) {
        each(Part::from(self));
    }
}

macro_rules! lists {
    ($($type:ty: $item:ident => $part:expr),* $(,)?) => {$(
        #[diagnostic::do_not_recommend]
        impl PartValue<Ready> for $type {
            fn visit(self, each: &mut dyn FnMut(Part)) {
                for $item in self {
                    each($part);
                }
            }
        }
    )*};
}

lists! {
    Vec<Part>: it => it,
    Vec<FileBody>: it => Part::from(it),
    &Vec<FileBody>: it => Part::from(it.clone()),
    &[FileBody]: it => Part::from(it.clone()),
    Vec<Bytes>: it => Part::bytes(it),
    Vec<String>: it => Part::text(it),
    &Vec<String>: it => Part::text(it),
    &[String]: it => Part::text(it),
    Vec<&str>: it => Part::text(it),
    &[&str]: it => Part::text(*it),
}
