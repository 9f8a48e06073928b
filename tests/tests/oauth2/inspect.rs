//! Claims of the provider about tokens and users, and the audience of tokens.

use perennial::oauth2::OAuth2;

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_about_the_user_outlive_an_expiry_and_are_never_of_another() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("other").await;
    let api = world.api(&oauth);
    let error = oauth.user_info(api.session(), "ann").await.unwrap_err();
    assert_eq!(error.to_string(), "asking about the user: nobody is signed in");

    let tokens = world.browser(&oauth, &[]).await.unwrap();
    let subject = tokens.extra("sub").unwrap().to_owned();
    assert_eq!(subject, "ann");
    api.session().login(tokens).await.unwrap();
    assert_eq!(oauth.user_info(api.session(), &subject).await.unwrap().sub, "ann");
    world.control.expire("other").await.unwrap();
    assert_eq!(oauth.user_info(api.session(), &subject).await.unwrap().sub, "ann");
    assert_eq!(api.session().stats().refreshes, 1);
    // The subject stays with the tokens.
    assert_eq!(api.session().tokens().unwrap().extra("sub"), Some("ann"));
    assert!(oauth.user_info(api.session(), "ben").await.is_err());
}

#[tokio::test]
async fn a_token_is_active_until_it_is_revoked() {
    let Some(world) = World::or_skip() else { return };
    let oauth = OAuth2::confidential(world.provider().await, "service", "service-secret");
    let oauth = oauth.client_credentials().resources(["https://api.example"]).scopes(["api:read"]);
    let api = world.api(&oauth);
    assert_eq!(api.audience().await.unwrap().aud.as_deref(), Some("https://api.example"));
    let tokens = api.session().tokens().unwrap();
    let told = oauth.introspect(&tokens).await.unwrap();
    assert!(told.active && told.exp.is_some());
    assert_eq!(told.client_id.as_deref(), Some("service"));
    assert_eq!(told.scope.as_deref(), Some("api:read"));
    assert_eq!(told.more["aud"], "https://api.example");

    oauth.sign_out(api.session()).await.unwrap();
    assert!(!oauth.introspect(&tokens).await.unwrap().active);
}

#[tokio::test]
async fn a_client_that_may_not_inspect_a_token_gets_an_error_with_the_reason() {
    let Some(world) = World::or_skip() else { return };
    let oauth = OAuth2::confidential(world.provider().await, "service", "wrong-secret");
    let error = oauth.introspect(&perennial::Tokens::new("secret-token")).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_client"), "{error}");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("secret-token") && !text.contains("wrong-secret"), "{text}");
}
