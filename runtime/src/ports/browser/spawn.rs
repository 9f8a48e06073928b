//! Tasks in a browser.

use crate::ports::BoxFuture;
use crate::ports::spawn::Spawn;

/// Runs tasks on the event loop of the page or worker.
#[derive(Debug, Default, Clone, Copy)]
pub struct LocalSpawner;

impl Spawn for LocalSpawner {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        wasm_bindgen_futures::spawn_local(task);
        Ok(())
    }
}
