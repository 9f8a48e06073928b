//! A command-line tool that signs in at an OpenID provider. Many copies of it may run at once.
//!
//! ```text
//! export ISSUER=https://id.example CLIENT_ID=my-client
//! cargo run --features oauth2 --bin whoami -- login            # opens the browser
//! cargo run --features oauth2 --bin whoami -- login --device   # prints a code for another device
//! cargo run --features oauth2 --bin whoami -- show             # again and again, in any number of processes
//! cargo run --features oauth2 --bin whoami -- logout           # revokes the tokens
//! ```

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use perennial::oauth2::{Browser, OAuth2, Provider};
use perennial::store::FileStore;
use perennial::{Result as ApiResult, api_client};
use perennial_examples::say;
use serde_json::Value;

/// Shows who is signed in at an OpenID provider. The login is saved between runs.
#[derive(Debug, Parser)]
struct Arguments {
    /// The provider
    #[arg(long, global = true, env = "ISSUER", default_value = "")]
    issuer: String,
    /// The client's id there: a public client whose redirect URI is `http://127.0.0.1/`
    #[arg(long, global = true, env = "CLIENT_ID", default_value = "")]
    client_id: String,
    /// The file for the login; `perennial-whoami/tokens.json` in the platform's directory for data by
    /// default
    #[arg(long, global = true)]
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Signs in with the browser of this machine
    Login {
        /// Sign in on another device instead
        #[arg(long)]
        device: bool,
        /// Print the address instead of opening a browser
        #[arg(long)]
        print: bool,
    },
    /// Shows who is signed in
    Show,
    /// Revokes the tokens and signs out
    Logout,
}

#[api_client(auth(oauth2))]
trait Identity {
    /// The claims about the user (OpenID Connect Core, section 5.3).
    #[get(url)]
    async fn claims(&self, #[url] userinfo: &str) -> ApiResult<Value>;
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let Arguments { issuer, client_id, file, command } = arguments;
    if issuer.is_empty() || client_id.is_empty() {
        return Err("name the provider and the client: --issuer URL --client-id ID".into());
    }
    let provider = Provider::discover(&issuer).await?;
    let userinfo = provider.metadata().userinfo_endpoint.clone();
    let oauth = OAuth2::public(provider, client_id).scopes(["openid", "offline_access"]);
    let store = match file {
        Some(file) => FileStore::at(file),
        None => FileStore::in_data_dir("perennial-whoami")?,
    };
    let identity = IdentityClient::builder(&issuer).oauth2(&oauth).store(store).build()?;
    identity.session().load().await;
    match command {
        Task::Login { device, print } => {
            let tokens = if device {
                oauth.sign_in_with_device(|prompt| say!("{prompt}")).await?
            } else {
                oauth.sign_in_with_browser(Browser::any_port(), |url| show(url, print)).await?
            };
            identity.session().login(tokens).await?;
            say!("signed in");
        }
        Task::Show => {
            let userinfo = userinfo.ok_or("the provider names no userinfo endpoint")?;
            let claims = identity.claims(&userinfo.to_string()).await.map_err(advice)?;
            say!("{}", claims["sub"].as_str().unwrap_or("a user without a name"));
        }
        Task::Logout => {
            oauth.sign_out(identity.session()).await?;
            say!("signed out");
        }
    }
    Ok(())
}

/// If no browser can be opened, the printed address is enough.
fn show(url: &str, print: bool) {
    if print || webbrowser::open(url).is_err() {
        say!("open {url}");
    }
}

fn advice(error: perennial::Error) -> Box<dyn Error> {
    if error.is_signed_out() { "please sign in: whoami login".into() } else { error.into() }
}
