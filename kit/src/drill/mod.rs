//! The expiry drill: a declaration in random scenarios of calls, expiries, failures and sign-outs.

mod case;
mod checks;
mod plan;
mod template;

use perennial::ApiClient;
use perennial::declared::{Credential, Endpoint, Role};
use perennial::serve::Serve;
use tokio::runtime::Builder;

use crate::protocol::Protocol;
use case::Case;
use plan::Plan;

/// The number of cases, unless the environment variable `PERENNIAL_DRILLS` sets another.
const CASES: u64 = 100;

/// Runs the declaration of a client through random scenarios; [`drill!`](macro@crate::drill) turns this into a test.
///
/// Each case has a seed and consists of one to four scenarios, in virtual time and without a socket. In a scenario,
/// concurrent calls of all endpoints run into an expiry, late responses, a failed refresh, cancellation, a logout,
/// another user or a revoked login. The drill checks the requests: every call completes, calls succeed after one
/// refresh, no call is replayed more than once per expired credential, no refresh token is used twice or sent to an
/// ordinary endpoint, no call is sent with the token of another user, and a session ends only if the server ended it.
///
/// The users of the drill sign in with [`Session::login`](perennial::Session::login), to each of several credentials
/// with [`SessionCredential::login`](perennial::SessionCredential::login), and in each scenario the tokens of some of
/// these expire. The token of a credential without `expired(..)` never expires. If a trait has no `login`, its tokens
/// are assumed to come from elsewhere, unless one of its methods looks like a login.
///
/// The drill searches for refresh tokens in the path, the query, the headers and the body of each request, even encoded
/// as in URLs, JSON or base64. Mark an endpoint that has to receive the refresh token, such as a revocation, as
/// `logout`.
///
/// `truth` adjusts the test server if the real server differs from the declaration, for example `|protocol| Protocol {
/// expired: Reply::status(401), ..protocol }`. The drill then finds a declared `expired(..)` that does not match the
/// real response. `truth` is called for each credential; `protocol.placement` tells the credentials apart.
///
/// ```
/// # use perennial::{Result, Tokens, api_client};
/// use perennial_test::{Protocol, Reply};
///
/// #[api_client(auth(bearer, expired(status = 419)), serve)]
/// pub trait Shop {
///     #[post("/login", login)]
///     async fn login(&self) -> Result<Tokens>;
///     #[post("/refresh", refresh)]
///     async fn refresh(&self) -> Result<Tokens>;
///     #[get("/stock/{id}")]
///     async fn stock(&self, id: u64) -> Result<u64>;
/// }
/// # struct FakeShop;
/// # impl Shop for FakeShop {
/// #     async fn login(&self) -> Result<Tokens> {
/// #         Ok(Tokens::new("any"))
/// #     }
/// #     async fn refresh(&self) -> Result<Tokens> {
/// #         Ok(Tokens::new("any"))
/// #     }
/// #     async fn stock(&self, id: u64) -> Result<u64> {
/// #         Ok(id)
/// #     }
/// # }
/// // The real server says it with 419, as declared.
/// let truth = |protocol| Protocol { expired: Reply::status(419), ..protocol };
/// perennial_test::drill::run::<ShopClient, _>(|| FakeShop, truth);
/// ```
///
/// # Panics
///
/// With the trace of the shortest case that violates an invariant.
pub fn run<C, S>(implementation: impl Fn() -> S, truth: impl Fn(Protocol) -> Protocol)
where
    C: Serve<S>,
    S: Send + Sync + 'static,
{
    if let Some(finding) = review::<C>() {
        panic!("the drill of {} found: {finding}", C::API.declared_name());
    }
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("PERENNIAL_DRILL_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("PERENNIAL_DRILLS").unwrap_or(CASES),
    };
    let case =
        Case::<C, S> { implementation: &implementation, truth: &truth, client: Default::default() };
    for seed in seeds {
        let plan = Plan::new(seed);
        if let Some(first) = executed(&case, &plan) {
            let (plan, report) = shortest(&case, plan, first);
            panic!(
                "the drill of {} found, with the seed {seed}: {}\n\nthe shortest case:\n{plan}\n\
                 what arrived:\n  {}\n\nhelp: PERENNIAL_DRILL_SEED={seed} runs this case alone",
                C::API.declared_name(),
                report.finding,
                report.transcript.join("\n  "),
            );
        }
    }
}

/// A violated invariant.
struct Report {
    finding: String,
    transcript: Vec<String>,
}

/// Mistakes that can be found without running anything.
fn review<C: ApiClient>() -> Option<String> {
    let has = |role| C::endpoints().iter().any(|endpoint| endpoint.role == role);
    if C::API.declared_credentials().is_empty() {
        return Some("no `auth(..)` is declared, so that nothing can expire".to_owned());
    }
    // Tokens from elsewhere, such as the page of another service, need no login here.
    if let Some(login) = C::endpoints().iter().find(|it| !has(Role::Login) && is_login(it)) {
        return Some(format!(
            "no method is marked `login`, so that no response becomes the tokens of the session; {login} looks like one"
        ));
    }
    let credentials = C::API.declared_credentials();
    let is_renewed = |credential: &Credential| {
        let is_of = |it: &Endpoint| it.role_of.unwrap_or(credentials[0].name) == credential.name;
        C::endpoints().iter().any(|it| it.role == Role::Refresh && is_of(it))
    };
    // A key of several credentials may never expire.
    let expires = |credential: &Credential| !credential.expired.is_empty() || !has(Role::Refresh);
    let lost =
        credentials.iter().find(|credential| expires(credential) && !is_renewed(credential))?;
    let mark = match lost.name {
        name if credentials.len() > 1 && !name.is_empty() => format!("refresh(\"{name}\")"),
        _ => "refresh".to_owned(),
    };
    Some(format!(
        "no method is marked `{mark}`, so that an expired token is never renewed; a session that an OAuth 2 server or the \
         program's own code renews cannot be drilled"
    ))
}

fn is_login(endpoint: &Endpoint) -> bool {
    let text =
        format!("{}/{}", endpoint.name, endpoint.path).to_lowercase().replace(['_', '-'], "");
    let sends = matches!(endpoint.method, "POST" | "PUT");
    // A list of logins is not one.
    let means = |word: &&str| {
        if sends { text.contains(word) } else { text.split('/').any(|it| it == *word) }
    };
    endpoint.role == Role::None && ["login", "signin", "logon", "authenticate"].iter().any(means)
}

fn executed<C, S>(case: &Case<'_, C, S>, plan: &Plan) -> Option<Report>
where
    C: Serve<S>,
    S: Send + Sync + 'static,
{
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime can be started").block_on(case.run(plan))
}

/// The shortest failing plan that is found by removing things one by one.
fn shortest<C, S>(case: &Case<'_, C, S>, plan: Plan, report: Report) -> (Plan, Report)
where
    C: Serve<S>,
    S: Send + Sync + 'static,
{
    let (mut plan, mut report) = (plan, report);
    'shorter: loop {
        for shorter in plan.shorter() {
            if let Some(found) = executed(case, &shorter) {
                (plan, report) = (shorter, found);
                continue 'shorter;
            }
        }
        return (plan, report);
    }
}

/// A test that runs the [drill](crate::drill::run) of a client: `drill!(ShopClient, FakeShop)`.
///
/// The second argument is an expression that creates an implementation of the trait; its methods `login` and
/// `refresh` are used. A third argument, `truth = |protocol| ..`, adjusts the server. The test is named
/// `expiry_drill`; to choose another name, write it first: `drill!(shop_drill: ShopClient, FakeShop)`.
///
/// ```
/// # mod shop {
/// use perennial::{Result, Tokens, api_client};
///
/// #[api_client(auth(bearer, expired(status = 401)), serve)]
/// pub trait Shop {
///     #[post("/login", login)]
///     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
///     #[post("/refresh", refresh)]
///     async fn refresh(&self) -> Result<Tokens>;
///     #[get("/stock/{id}")]
///     async fn stock(&self, id: u64) -> Result<u64>;
/// }
///
/// struct FakeShop;
///
/// impl Shop for FakeShop {
///     async fn login(&self, _: &str) -> Result<Tokens> {
///         Ok(Tokens::new("any"))
///     }
///     async fn refresh(&self) -> Result<Tokens> {
///         Ok(Tokens::new("any"))
///     }
///     async fn stock(&self, id: u64) -> Result<u64> {
///         Ok(id)
///     }
/// }
///
/// perennial_test::drill!(ShopClient, FakeShop);
/// # }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! drill {
    ($client:ty, $fake:expr $(, truth = $truth:expr)? $(,)?) => {
        $crate::drill!(expiry_drill: $client, $fake $(, truth = $truth)?);
    };
    ($name:ident: $client:ty, $fake:expr $(,)?) => {
        $crate::drill!($name: $client, $fake, truth = |protocol| protocol);
    };
    ($name:ident: $client:ty, $fake:expr, truth = $truth:expr $(,)?) => {
        #[test]
        fn $name() {
            $crate::drill::run::<$client, _>(|| $fake, $truth);
        }
    };
    ($($other:tt)*) => {
        ::core::compile_error!(
            "a drill needs a client and an implementation of its trait\n\
             help: write `drill!(ShopClient, FakeShop)`, or name the test, as in \
             `drill!(shop_drill: ShopClient, FakeShop)`"
        );
    };
}
