//! A tolerant parser of the trait: bodies stay tokens, and a broken item affects only itself.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, GenericArgument, GenericParam, Generics, Ident, Path, PathArguments, ReturnType,
    Token, Type, TypeParamBound, Visibility, WhereClause,
};

use super::slips;
use super::verb::VERBS;
use crate::diagnostic::Diagnostics;
use crate::model::shape::Function;
use crate::suggest::text_of;

/// A trait, as written.
pub(crate) struct Trait {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) supertraits: Punctuated<TypeParamBound, Token![+]>,
    pub(crate) where_clause: Option<WhereClause>,
    pub(crate) items: Vec<Item>,
    /// Whether a method is missing, since its syntax is wrong. The compiler has reported it.
    pub(crate) has_lost: bool,
}

/// An item of the trait.
pub(crate) enum Item {
    /// A function. It is large, but a trait consists mostly of them.
    Function(Box<Function>),
    /// Anything else, which a client cannot use.
    Other(TokenStream),
}

/// Parses the item below the attribute. `None` means that it is not a trait.
pub(crate) fn parse(item: TokenStream, diagnostics: &Diagnostics) -> Option<Trait> {
    match (|input: ParseStream<'_>| trait_of(input, diagnostics)).parse2(item) {
        Ok(found) => found,
        Err(error) => {
            diagnostics.syntax(error);
            None
        }
    }
}

fn trait_of(input: ParseStream<'_>, diagnostics: &Diagnostics) -> syn::Result<Option<Trait>> {
    let attributes = input.call(Attribute::parse_outer)?;
    let mut attributes = without_async_trait(attributes, diagnostics);
    attributes.retain(|attribute| {
        let misplaced = super::attributes::of_the_trait(attribute);
        if let Some(text) = &misplaced {
            diagnostics.error("misplaced-attribute", attribute.path(), text);
        }
        misplaced.is_none()
    });
    let visibility = input.parse()?;
    for word in [
        input.parse::<Option<Token![unsafe]>>()?.map(|t| t.to_token_stream()),
        input.parse::<Option<Token![auto]>>()?.map(|t| t.to_token_stream()),
    ]
    .into_iter()
    .flatten()
    {
        let text = format!("an API trait cannot be `{word}`\nhelp: remove `{word}`");
        diagnostics.error("unsafe-trait", &word, text);
    }
    if !input.peek(Token![trait]) {
        not_a_trait(input, diagnostics);
        return Ok(None);
    }
    input.parse::<Token![trait]>()?;
    let name: Ident = input.parse()?;
    let mut generics: Generics = input.parse()?;
    if !generics.params.is_empty() {
        let text = format!(
            "an API trait cannot be generic\n\
             help: remove `{}`, and add it to the methods that need it",
            text_of(&generics)
        );
        diagnostics.error("generic-trait", &generics, text);
    }
    let supertraits = match input.parse::<Option<Token![:]>>()? {
        Some(_) => bounds(input)?,
        None => Punctuated::new(),
    };
    generics.where_clause = input.parse()?;
    let content;
    syn::braced!(content in input);
    let body: TokenStream = content.parse()?;
    // Tokens after the braces are ignored; the parser would report them as errors of the trait.
    let _rest: TokenStream = input.parse()?;
    let where_clause = generics.where_clause.take();
    let mut has_lost = false;
    let mut items = items(body, &mut has_lost, diagnostics);
    for name in repeated(&items).into_values() {
        let text = format!(
            "two methods are named `{name}`, and Rust has no overloads\nhelp: rename one of the two"
        );
        diagnostics.error("same-name", name, text);
    }
    if !generics.params.is_empty() {
        items.iter_mut().for_each(|item| add_generics(item, &generics));
    }
    if items.iter().any(is_rewritten) {
        let text = "`#[async_trait]` has rewritten the methods of this trait\n\
                    help: remove `#[async_trait]`, here and on implementations of the trait";
        diagnostics.error("async-trait", &name, text);
        items.iter_mut().for_each(restore);
    }
    Ok(Some(Trait { attributes, visibility, name, supertraits, where_clause, items, has_lost }))
}

/// Adds the parameters of a generic trait to a method that names them, since they would be unknown there.
fn add_generics(item: &mut Item, generics: &Generics) {
    fn names(tokens: TokenStream, name: &Ident) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(word) => word == *name,
            TokenTree::Group(group) => names(group.stream(), name),
            _ => false,
        })
    }
    let Item::Function(function) = item else { return };
    for param in generics.params.iter().rev() {
        let name = match param {
            GenericParam::Lifetime(it) => &it.lifetime.ident,
            GenericParam::Type(it) => &it.ident,
            GenericParam::Const(it) => &it.ident,
        };
        if names(function.signature.to_token_stream(), name) {
            function.signature.generics.params.insert(0, param.clone());
            function.signature.generics.lt_token.get_or_insert_with(Default::default);
            function.signature.generics.gt_token.get_or_insert_with(Default::default);
        }
    }
}

/// The methods that have the name of one before them, by their place. Two under `#[cfg]` may exclude each other.
pub(crate) fn repeated(items: &[Item]) -> BTreeMap<usize, &Ident> {
    // For each name, whether one of its methods is always there.
    let mut names: HashMap<String, bool> = HashMap::new();
    let mut repeated = BTreeMap::new();
    for (at, item) in items.iter().enumerate() {
        let Item::Function(function) = item else { continue };
        let name = &function.signature.ident;
        let is_always = !function.attributes.iter().any(|it| it.path().is_ident("cfg"));
        match names.entry(name.to_string()) {
            Entry::Vacant(entry) => drop(entry.insert(is_always)),
            Entry::Occupied(mut entry) => {
                if is_always || *entry.get() {
                    repeated.insert(at, name);
                }
                *entry.get_mut() |= is_always;
            }
        }
    }
    repeated
}

/// `#[async_trait]` is useless here, and would rewrite the expansion.
fn without_async_trait(attributes: Vec<Attribute>, diagnostics: &Diagnostics) -> Vec<Attribute> {
    let (wrong, kept): (Vec<_>, Vec<_>) = attributes.into_iter().partition(|attribute| {
        attribute.path().segments.last().is_some_and(|last| last.ident == "async_trait")
    });
    for attribute in &wrong {
        let text = "an API trait needs no `#[async_trait]`\n\
                    help: remove it, here and on implementations of the trait";
        diagnostics.error("async-trait", attribute, text);
    }
    kept
}

/// Whether `#[async_trait]` above the trait has turned it into an `fn` that returns a boxed future.
fn is_rewritten(item: &Item) -> bool {
    let Item::Function(function) = item else { return false };
    let mut lifetimes = function.signature.generics.lifetimes();
    lifetimes.any(|it| it.lifetime.ident == "async_trait")
}

/// Makes it an `async fn` again, so that its callers compile.
fn restore(item: &mut Item) {
    let Item::Function(function) = item else { return };
    let signature = &mut function.signature;
    let ReturnType::Type(_, returned) = &mut signature.output else { return };
    let Some(output) = output_of_a_future(returned) else { return };
    **returned = output;
    signature.asyncness = Some(Token![async](signature.fn_token.span));
    signature.generics.where_clause = None;
    let is_added = |it: &GenericParam| matches!(it, GenericParam::Lifetime(it) if it.lifetime.ident == "async_trait");
    let params = std::mem::take(&mut signature.generics.params);
    signature.generics.params = params.into_iter().filter(|it| !is_added(it)).collect();
}

/// `T` in `Pin<Box<dyn Future<Output = T> + Send + 'async_trait>>`.
fn output_of_a_future(ty: &Type) -> Option<Type> {
    let in_a_bound = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(it) => output_in(&it.path),
        _ => None,
    };
    match ty {
        Type::Path(it) => output_in(&it.path),
        Type::TraitObject(object) => object.bounds.iter().find_map(in_a_bound),
        _ => None,
    }
}

fn output_in(path: &Path) -> Option<Type> {
    let PathArguments::AngleBracketed(list) = &path.segments.last()?.arguments else { return None };
    list.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => output_of_a_future(ty),
        GenericArgument::AssocType(it) if it.ident == "Output" => Some(it.ty.clone()),
        _ => None,
    })
}

fn bounds(input: ParseStream<'_>) -> syn::Result<Punctuated<TypeParamBound, Token![+]>> {
    let mut bounds = Punctuated::new();
    while !input.peek(Token![where]) && !input.peek(syn::token::Brace) {
        bounds.push_value(input.parse()?);
        if !input.peek(Token![+]) {
            break;
        }
        bounds.push_punct(input.parse()?);
    }
    Ok(bounds)
}

/// `MockShop` and `__mock_MockShop`, as mockall names them.
fn is_name_of_a_mock(name: &str) -> bool {
    name.trim_start_matches("__mock_")
        .strip_prefix("Mock")
        .is_some_and(|it| it.starts_with(char::is_uppercase))
}

fn not_a_trait(input: ParseStream<'_>, diagnostics: &Diagnostics) {
    let rest: TokenStream = input.cursor().token_stream();
    // `async fn` and `const fn` are functions; everything else is named by its first word.
    let words: Vec<_> = rest.clone().into_iter().take(3).collect();
    let is_function = words.iter().any(|word| word.to_string() == "fn");
    let word = words.first().map(ToString::to_string).unwrap_or_default();
    let what = match word.as_str() {
        _ if is_function => "a function".to_owned(),
        "struct" | "union" | "type" | "static" | "const" | "use" => format!("a `{word}`"),
        "enum" | "impl" => format!("an `{word}`"),
        "mod" => "a module".to_owned(),
        _ => "something else".to_owned(),
    };
    let is_mock =
        |it: &TokenTree| matches!(it, TokenTree::Ident(it) if is_name_of_a_mock(&it.to_string()));
    let text = if rest.clone().into_iter().any(|it| is_mock(&it)) {
        "`#[automock]` above `#[api_client]` copies it to the generated code\n\
         help: move `#[api_client]` above `#[automock]`\n\
         help: or write a fake without either, as in `impl Shop for FakeShop`"
            .to_owned()
    } else {
        let is_of_a_trait = rest.into_iter().any(|it| it.to_string() == "for");
        let way_out = match word == "impl" && is_of_a_trait {
            true => "remove it here, and write it above the trait",
            false => "declare the endpoints as `async fn`s of a `trait`",
        };
        format!("expected a trait below `#[api_client]`, found {what}\nhelp: {way_out}")
    };
    let at = words.first().map_or_else(Span::call_site, TokenTree::span);
    diagnostics.error("not-a-trait", at, text);
    // The parser must not find leftover tokens.
    let _read: syn::Result<TokenStream> = input.parse();
}

/// Parses the items one by one. A broken item is reported and dropped, up to the next semicolon or body, so that
/// the methods around a half-typed one survive.
fn items(body: TokenStream, lost: &mut bool, diagnostics: &Diagnostics) -> Vec<Item> {
    chunks(body)
        .into_iter()
        .map(|chunk| without_annotation(chunk, diagnostics))
        .filter_map(|chunk| match item.parse2(chunk.clone()) {
            Ok(item) => Some(item),
            Err(_) => {
                let before = diagnostics.count();
                let chunk = slips::mended(chunk, diagnostics);
                let error = match item.parse2(chunk.clone()) {
                    Ok(item) => return Some(item),
                    Err(error) => error,
                };
                *lost = true;
                // A list of every possible token does not help a reader.
                let reason = error.to_string();
                let reason = reason.split(", expected one of").next().unwrap_or_default();
                if diagnostics.count() == before && !slips::is_reported(reason) {
                    let text = format!("cannot parse this method: {reason}");
                    diagnostics.error("syntax", error.span(), text);
                }
                after_half_an_item(chunk)
            }
        })
        .inspect(|item| match item {
            Item::Other(tokens) => {
                let text = "an API trait declares methods only\n\
                            help: move this item out of the trait";
                diagnostics.error("associated-item", tokens, text);
            }
            Item::Function(function) if !matches!(function.visibility, Visibility::Inherited) => {
                let word = &function.visibility;
                let text = format!(
                    "a method of a trait has the visibility of the trait\nhelp: remove `{}`",
                    text_of(word)
                );
                diagnostics.error("const-or-extern", word, text);
            }
            Item::Function(_) => {}
        })
        .collect()
}

/// `@GET("/orders")` or `[Get("/orders")]`, an annotation of another language, as the attribute that was probably intended.
fn without_annotation(chunk: TokenStream, diagnostics: &Diagnostics) -> TokenStream {
    let tokens: Vec<TokenTree> = chunk.clone().into_iter().collect();
    let bracketed: Vec<TokenTree> = match tokens.first() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            group.stream().into_iter().collect()
        }
        _ => Vec::new(),
    };
    let (at, name, arguments, rest) = match (&tokens[..], &bracketed[..]) {
        (
            [TokenTree::Punct(at), TokenTree::Ident(name), TokenTree::Group(arguments), rest @ ..],
            _,
        ) if at.as_char() == '@' => (Some(at), name, arguments, rest),
        ([_, rest @ ..], [TokenTree::Ident(name), TokenTree::Group(arguments)]) => {
            (None, name, arguments, rest)
        }
        _ => return chunk,
    };
    let verb = name.to_string().to_lowercase();
    if !VERBS.contains(&&*verb) {
        return chunk;
    }
    let text = format!(
        "expected an attribute in `#[..]`\n\
         help: write `#[{verb}{}]`",
        text_of(arguments)
    );
    diagnostics.error("annotation", &quote!(#at #name #arguments), text);
    let verb = Ident::new(&verb, name.span());
    let rest = rest.iter();
    quote!(#[#verb #arguments] #(#rest)*)
}

/// Parses one item of the trait.
pub(crate) fn item(input: ParseStream<'_>) -> syn::Result<Item> {
    let ahead = input.fork();
    let attributes = ahead.call(Attribute::parse_outer)?;
    let is_item = ahead.peek(Token![type])
        || (ahead.peek(Token![const]) && (ahead.peek2(Ident) || ahead.peek2(Token![_])))
        || (ahead.peek(Ident) && ahead.peek2(Token![!]));
    if is_item {
        return Ok(Item::Other(input.parse()?));
    }
    input.call(Attribute::parse_outer)?;
    let visibility = input.parse()?;
    let signature = input.parse()?;
    let body = if input.peek(Token![;]) {
        input.parse::<Token![;]>()?;
        None
    } else if input.peek(syn::token::Brace) {
        Some(input.parse()?)
    } else if input.is_empty() {
        // The compiler reports a semicolon that is missing before the end of the trait.
        None
    } else {
        return Err(input.error("expected `;` or a body"));
    };
    Ok(Item::Function(Box::new(Function { attributes, visibility, signature, body })))
}

/// An incomplete method swallows the next one, up to its semicolon. Finds where that next one begins.
fn after_half_an_item(chunk: TokenStream) -> Option<Item> {
    let tokens: Vec<_> = chunk.into_iter().collect();
    (1..tokens.len())
        .filter(|&at| is_start(&tokens, at))
        .find_map(|at| item.parse2(tokens[at..].iter().cloned().collect()).ok())
}

fn is_start(tokens: &[TokenTree], at: usize) -> bool {
    let is_punct =
        |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(p)) if p.as_char() == '#');
    let is_word =
        |at: usize, word: &str| matches!(tokens.get(at), Some(TokenTree::Ident(i)) if i == word);
    is_punct(at) || is_word(at, "async") || (is_word(at, "fn") && !is_word(at - 1, "async"))
}

/// Splits the body of the trait after each semicolon and each pair of braces.
pub(crate) fn chunks(body: TokenStream) -> Vec<TokenStream> {
    let mut chunks = vec![Vec::new()];
    for token in body {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(token);
        }
        if ends {
            chunks.push(Vec::new());
        }
    }
    chunks.retain(|chunk| !chunk.is_empty());
    chunks.into_iter().map(|chunk| chunk.into_iter().collect()).collect()
}

/// A bare word that may be a keyword of Rust, such as `crate` or `dyn`.
pub(crate) struct Word(pub(crate) Ident);

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        syn::ext::IdentExt::parse_any(input).map(Self)
    }
}
