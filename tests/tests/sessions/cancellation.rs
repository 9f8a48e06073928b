//! A caller that goes away takes nothing with it.

use crate::support::{World, cases};

cases! {
    async fn a_leader_that_is_dropped_leaves_the_refresh_to_the_others() {
        let (world, hold, leader) = World::refreshing().await;
        let waiter = tokio::spawn(world.shop.slow());
        world.waiting(2).await;
        leader.abort();
        assert!(leader.await.unwrap_err().is_cancelled());
        hold.release();
        waiter.await.unwrap().unwrap();
        assert_ne!(world.access().as_deref(), Some(&*world.issued.access));
        assert_eq!(world.server.count("/fast"), 1);
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_rotated_token_is_not_lost_with_the_leader() {
        let (world, hold, leader) = World::refreshing().await;
        assert_eq!(world.server.rotations(), 1);
        leader.abort();
        hold.release();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_refresh_completes_after_all_its_callers_are_gone() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        let calls: Vec<_> =
            (0..5).map(|id| tokio::spawn(world.shop.order(id))).collect();
        hold.arrived(1).await;
        // None of them is on its way any more, where it could arrive after it was counted.
        world.waiting(5).await;
        for call in &calls {
            call.abort();
        }
        hold.release();
        while world.session().stats().refreshing {
            tokio::task::yield_now().await;
        }
        let sends = world.server.sends();
        world.shop.fast().await.unwrap();
        assert_eq!(world.wire(), (1, sends + 1));
    }

    async fn a_waiter_that_is_dropped_is_never_sent_again() {
        let (world, hold, leader) = World::refreshing().await;
        let waiter = tokio::spawn(world.shop.slow());
        world.waiting(2).await;
        waiter.abort();
        assert!(waiter.await.unwrap_err().is_cancelled());
        assert_eq!(world.session().stats().waiting, 1);
        hold.release();
        leader.await.unwrap().unwrap();
        assert_eq!(world.server.count("/slow"), 0);
    }

    async fn a_leader_that_loses_a_select_leaves_the_refresh_alone() {
        let world = World::expired().await;
        let hold = world.server.hold_refresh();
        tokio::select! {
            _ = world.shop.fast() => unreachable!("the refresh is held"),
            () = hold.arrived(1) => {}
        }
        hold.release();
        world.shop.fast().await.unwrap();
        assert_eq!(world.server.refreshes(), 1);
    }

    async fn a_waiter_that_times_out_fails_alone() {
        let (world, hold, leader) = World::refreshing().await;
        let short = std::time::Duration::from_millis(20);
        tokio::time::timeout(short, world.shop.slow()).await.unwrap_err();
        hold.release();
        leader.await.unwrap().unwrap();
        assert_eq!(world.wire(), (1, 2));
    }
}
