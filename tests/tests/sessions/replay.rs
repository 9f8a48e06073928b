//! A repeat is the same call with another token.

use perennial::ErrorKind;
use perennial_tests::{Recorded, Reply};
use serde_json::json;

use crate::support::{World, cases};

fn without_token(request: &Recorded) -> Vec<(String, String)> {
    let mut headers: Vec<_> = request
        .headers
        .iter()
        .filter(|(name, _)| *name != "x-token")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    headers
}

cases! {
    async fn a_replay_differs_in_nothing_but_the_token() {
        let world = World::expired().await;
        let body = json!({"name": "Ærøskøbing", "n": [1, 2, 3]});
        world.shop.echo("here", &["a", "b c"], "trace-1", &body).await.unwrap();
        let sends = world.server.recorded_on("PUT /echo/here");
        let [first, second] = sends.as_slice() else { panic!("{sends:?}") };
        assert_eq!(first.target, "/api/echo/here?tag=a&tag=b%20c");
        assert_eq!(first.target, second.target);
        assert_eq!(first.body, second.body);
        assert_eq!(without_token(first), without_token(second));
        assert_eq!(first.header("content-type"), Some("application/json"));
        assert_ne!(first.token, second.token);
    }

    async fn an_order_is_placed_once_though_it_was_sent_twice() {
        let world = World::expired().await;
        world.shop.place(&json!({"n": 1})).await.unwrap();
        assert_eq!(world.server.count("POST /orders"), 2);
        assert_eq!(world.server.placed(), [("ann".to_owned(), json!({"n": 1}))]);
    }

    async fn a_method_without_replay_is_not_replayed_and_the_session_is_refreshed() {
        let world = World::expired().await;
        let error = world.shop.place_once(&json!({"n": 1})).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Expired, "{error}");
        assert_eq!(world.server.count("POST /orders"), 1);
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
        assert_eq!(world.server.generations("/fast"), [Some(2)]);
    }

    async fn the_response_to_the_replay_is_final_and_ends_no_session() {
        let world = World::expired().await;
        let sold_out = json!({"code": 4711, "message": "sold out", "data": {}});
        world.server.on("/fast").nth(2).response(Reply::json(&sold_out));
        let error = world.shop.fast().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Api && error.has_code(4711), "{error}");
        assert_eq!(error.message(), Some("sold out"));
        assert!(world.session().is_signed_in());
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (1, 3));
    }

    async fn a_broken_connection_causes_no_replay() {
        let world = World::new().await;
        world.server.on("POST /orders").close_after();
        let error = world.shop.place(&json!({"n": 1})).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Transport, "{error}");
        assert_eq!(world.wire(), (0, 1));
        assert_eq!(world.server.placed().len(), 1);
    }

    async fn bytes_are_judged_when_the_response_is_an_envelope() {
        let world = World::expired().await;
        let bytes = world.shop.download(600).await.unwrap();
        assert_eq!((bytes.len(), bytes[250], bytes[251]), (600, 250, 0));
        assert_eq!(world.wire(), (1, 2));
    }

    async fn a_value_comes_with_its_headers_if_they_are_wanted() {
        let world = World::expired().await;
        let response = world.shop.order_response(7).await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.into_value().id, 7);
    }

    async fn a_code_is_found_however_it_is_written() {
        let cases = [
            (json!({"code": "1234", "message": "over", "data": {}}), 1),
            (json!({"code": 1234, "message": {"text": "over"}, "data": null}), 1),
            (json!({"data": {}, "message": "over", "code": 1234}), 1),
            (json!({"code": 1234}), 1),
            (json!({"code": "01234", "message": "no", "data": {}}), 0),
            (json!({"code": 12345, "message": "no", "data": {}}), 0),
            (json!({"data": {"code": 1234}, "message": "ok", "code": 0}), 0),
            (json!({"code": null, "message": "1234", "data": {}}), 0),
        ];
        for (body, refreshes) in cases {
            let world = World::new().await;
            world.server.on("/fast").first(1).response(Reply::json(&body));
            // Whether the value can be read is not asked here.
            drop(world.shop.fast().await);
            assert_eq!(world.server.refreshes(), refreshes, "{body}");
        }
    }

    async fn a_path_value_reaches_no_other_endpoint() {
        let world = World::new().await;
        for place in ["..", ".", "", "%2e%2e", ".%2E"] {
            let call = world.shop.echo(place, &[], "t", &json!({})).await;
            // Text that only looks encoded is encoded once more, and stays where it is.
            if let Err(error) = call {
                assert!(error.kind() == ErrorKind::Argument, "{place}: {error}");
            }
        }
        let strays = world.server.recorded().into_iter().filter(|one| !one.path.starts_with("/echo/"));
        assert_eq!(strays.count(), 0);
    }
}
