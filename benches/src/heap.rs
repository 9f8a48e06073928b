//! The counts of the allocator.

use stats_alloc::{Region, Stats};

use crate::HEAP;

/// Bytes that are allocated now.
pub(crate) fn live() -> usize {
    let Stats { bytes_allocated, bytes_deallocated, .. } = HEAP.stats();
    bytes_allocated.saturating_sub(bytes_deallocated)
}

/// How often something allocates, growth in place included.
pub(crate) fn allocations(act: impl FnOnce()) -> usize {
    let region = Region::new(HEAP);
    act();
    let change = region.change();
    change.allocations + change.reallocations
}
