//! The forms of the API, all made from what the import declares.

use clap::ValueEnum;
use perennial_cli::document::Document;
use perennial_cli::import::{File, Options, formatted, import};
use perennial_cli::node::Node;
use perennial_cli::notes::Notes;
use perennial_cli::operations::{Method, Selection, Wishes, methods};
use perennial_cli::types::Types;

use super::by_hand;
use crate::Outcome;
use crate::compile::cargo::{Package, root};

/// A way to write the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// The trait and the types of the import.
    Perennial,
    /// The leanest handwritten client, on the same types with serde's derives.
    ByHand,
    /// The same client on the types as the import writes them, with perennial's derive.
    OnItsTypes,
}

impl Form {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Perennial => "perennial",
            Self::ByHand => "the leanest handwritten client",
            Self::OnItsTypes => "the same on perennial's derive",
        }
    }
}

/// A document, read.
pub(crate) struct Api {
    node: Node,
}

impl Api {
    pub(crate) fn read(path: &std::path::Path) -> Outcome<Self> {
        Ok(Self { node: perennial_cli::source::read(path)? })
    }

    /// How many operations there are.
    pub(crate) fn operations(&self) -> Outcome<usize> {
        Ok(self.document(&Notes::default())?.operations.len())
    }

    fn document<'n>(&'n self, notes: &'n Notes) -> Outcome<Document<'n>> {
        Ok(Document::read(&self.node, notes)?)
    }

    /// The program that calls each of the first so many operations from a function of its own.
    pub(super) fn package(&self, form: Form, operations: usize) -> Outcome<Package> {
        let notes = Notes::default();
        let document = self.document(&notes)?;
        let first = document.operations.iter().take(operations);
        // To select all operations is to pass no selection, as in the command.
        let is_all = operations >= document.operations.len();
        let only = if is_all { Vec::new() } else { first.map(|it| it.shown()).collect() };
        let options = Options {
            types_only: form == Form::ByHand,
            name: Some("GitHub".to_owned()),
            wishes: Wishes { scheme: Some("Bearer".to_owned()), ..Wishes::default() },
            only,
            ..Options::default()
        };
        let imported = import(&document, &options, &notes)?;
        let [file] = &imported.files[..] else { return Err("one file was expected".into()) };
        let (mut traits, mut types) = (file.clone(), file.clone());
        traits.items.retain(|it| it.methods.is_some());
        types.items.retain(|it| it.methods.is_none());
        let mut made = Types::new(&document, &notes);
        if is_all {
            made.all_components();
        }
        let selection = Selection::new(&options.only);
        let methods = methods(&document, &mut made, &selection, &options.wishes, &notes)?.list;
        let (client, dependencies) = match form {
            Form::Perennial => (declared(&traits)?, perennial()?),
            Form::ByHand => (by_hand::client(&methods)?, REQWEST.to_owned()),
            Form::OnItsTypes => (by_hand::client(&methods)?, format!("{REQWEST}{}", perennial()?)),
        };
        let sources = [
            ("main.rs", program(&methods, form)),
            ("types.rs", format!("#![allow(unused)]\n{}", formatted(&types)?)),
            ("api.rs", client),
        ];
        Ok(Package {
            name: format!("{form:?}-{operations}").to_lowercase(),
            dependencies: format!("{dependencies}{SHARED}"),
            sources: sources.map(|(name, text)| (name.to_owned(), text)).into(),
        })
    }
}

const REQWEST: &str = "reqwest = { version = \"0.13.5\", default-features = false, \
                       features = [\"json\", \"query\"] }\nbytes = \"1\"\n";

const SHARED: &str = "serde = { version = \"1\", features = [\"derive\"] }\nserde_json = \"1\"\n\
                      tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n";

fn perennial() -> Outcome<String> {
    let runtime = root()?.join("runtime");
    Ok(format!("perennial = {{ path = {runtime:?}, default-features = false }}\n"))
}

/// The trait as the import writes it.
fn declared(file: &File) -> Outcome<String> {
    let [api] = &file.items[..] else { return Err("one trait was expected".into()) };
    Ok(format!(
        "#![allow(unused_imports)]
{}
pub use crate::types::*;

pub use perennial::Error;

pub type Client = {name}Client;

pub fn client(base: &str) -> Result<Client> {{
    Client::builder(base).build()
}}
",
        formatted(file)?,
        name = api.key,
    ))
}

/// A function for each operation. Its arguments are known to nobody, not even to the compiler.
fn program(methods: &[Method], form: Form) -> String {
    let mut text = String::from(include_str!("../compile/templates/main.rs"));
    text.push_str("\nfn any<T>() -> T {\n    black_box(None).expect(\"an argument\")\n}\n");
    text.push_str("\nfn call(api: &api::Client, number: usize) -> Option<Called<'_>> {\n");
    text.push_str("    Some(match number {\n");
    for at in 0..methods.len() {
        text.push_str(&format!("        {at} => Box::pin(call_{at}(api)),\n"));
    }
    text.push_str("        _ => return None,\n    })\n}\n");
    for (at, method) in methods.iter().enumerate() {
        let arguments = vec!["any()"; method.parameters.len()].join(", ");
        let awaited = match method.is_stream && form == Form::Perennial {
            true => ".next().await.transpose()?",
            false => ".await?",
        };
        let name = &method.name;
        text.push_str(&format!(
            "\n#[allow(deprecated)]\nasync fn call_{at}(api: &api::Client) -> Result<(), api::Error> {{
    black_box(api.{name}({arguments}){awaited});
    Ok(())
}}\n"
        ));
    }
    text
}
