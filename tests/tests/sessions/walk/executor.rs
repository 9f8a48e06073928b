//! Tasks and time, both moved by hand: the random numbers decide which task runs next.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, SystemTime};

use perennial::BoxFuture;
use perennial::system::{Clock, Spawn};

use crate::walk::random::Random;

/// The purpose of a task in the walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A call of a user, by its number.
    Call(usize),
    /// A login, a logout, a refresh by hand.
    Deed(&'static str),
    /// Something that the session has spawned.
    Spawned,
}

struct Task {
    role: Role,
    future: BoxFuture<'static, ()>,
    woken: Arc<Flag>,
}

#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Runs tasks one poll at a time.
#[derive(Default)]
pub(crate) struct Executor {
    tasks: Vec<Task>,
    nursery: Spawner,
}

/// Takes in what the session spawns.
#[derive(Clone, Default)]
pub(crate) struct Spawner(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Spawn for Spawner {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        self.0.lock().unwrap().push(task);
        Ok(())
    }
}

impl Executor {
    pub(crate) fn spawner(&self) -> Spawner {
        self.nursery.clone()
    }

    pub(crate) fn start(&mut self, role: Role, future: BoxFuture<'static, ()>) {
        let woken = Arc::new(Flag(AtomicBool::new(true)));
        self.tasks.push(Task { role, future, woken });
    }

    /// Polls one of the tasks that can go on. `None` if none can.
    pub(crate) fn step(&mut self, random: &mut Random) -> Option<Role> {
        self.adopt();
        let ready: Vec<usize> = (0..self.tasks.len())
            .filter(|task| self.tasks[*task].woken.0.load(Ordering::SeqCst))
            .collect();
        if ready.is_empty() {
            return None;
        }
        let at = random.pick(&ready);
        let task = &mut self.tasks[at];
        let role = task.role;
        task.woken.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(&task.woken));
        if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            drop(self.tasks.remove(at));
        }
        self.adopt();
        Some(role)
    }

    pub(crate) fn roles(&self) -> Vec<Role> {
        self.tasks.iter().map(|task| task.role).collect()
    }

    /// Drops a task, by its place in [`roles`](Self::roles).
    pub(crate) fn cancel(&mut self, at: usize) -> Role {
        let task = self.tasks.remove(at);
        let role = task.role;
        drop(task);
        self.adopt();
        role
    }

    fn adopt(&mut self) {
        let born = std::mem::take(&mut *self.nursery.0.lock().unwrap());
        for task in born {
            self.start(Role::Spawned, task);
        }
    }
}

/// A clock that does not move until it is moved.
#[derive(Clone)]
pub(crate) struct HandClock(Arc<Mutex<Dial>>);

struct Dial {
    now: Duration,
    wall: SystemTime,
    sleepers: Vec<(Duration, Waker)>,
}

impl HandClock {
    pub(crate) fn new() -> Self {
        let wall = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        Self(Arc::new(Mutex::new(Dial { now: Duration::ZERO, wall, sleepers: Vec::new() })))
    }

    pub(crate) fn advance(&self, by: Duration) {
        let woken: Vec<Waker> = {
            let mut dial = self.0.lock().unwrap();
            dial.now += by;
            dial.wall += by;
            let now = dial.now;
            let (due, rest) =
                std::mem::take(&mut dial.sleepers).into_iter().partition(|(at, _)| *at <= now);
            dial.sleepers = rest;
            let due: Vec<(Duration, Waker)> = due;
            due.into_iter().map(|(_, waker)| waker).collect()
        };
        woken.iter().for_each(Waker::wake_by_ref);
    }

    /// Moves the time of day alone.
    pub(crate) fn jump(&self, by: Duration, back: bool) {
        let mut dial = self.0.lock().unwrap();
        dial.wall = if back { dial.wall - by } else { dial.wall + by };
    }
}

impl Clock for HandClock {
    fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    fn wall(&self) -> SystemTime {
        self.0.lock().unwrap().wall
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let until = self.now() + duration;
        Box::pin(Nap { until, clock: self.clone() })
    }
}

struct Nap {
    until: Duration,
    clock: HandClock,
}

impl Future for Nap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut dial = self.clock.0.lock().unwrap();
        if dial.now >= self.until {
            return Poll::Ready(());
        }
        dial.sleepers.push((self.until, context.waker().clone()));
        Poll::Pending
    }
}
