//! A map in one sorted list.
//!
//! It is for maps of which few entries exist at once. In a page in a browser, the map types of the standard library
//! would be a few per cent of the code.

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> SortedMap<K, V> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(crate) fn retain(&mut self, mut stays: impl FnMut(&V) -> bool) {
        self.0.retain(|(_, value)| stays(value));
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    fn find(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(own, _)| own.cmp(key))
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let at = self.find(key).ok()?;
        Some(&self.0[at].1)
    }

    pub(crate) fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let at = self.find(key).ok()?;
        Some(&mut self.0[at].1)
    }

    /// Replaces the value of a key that is there already.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        match self.find(&key) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key, value)),
        }
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if let Ok(at) = self.find(key) {
            self.0.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_holds_what_a_map_of_the_standard_library_holds(
            steps in proptest::collection::vec((0..3, 0..12_u8, any::<u8>()), 0..60),
        ) {
            let (mut sorted, mut known) = (SortedMap::new(), BTreeMap::new());
            for (step, key, value) in steps {
                match step {
                    0 => {
                        sorted.insert(key, value);
                        known.insert(key, value);
                    }
                    1 => {
                        sorted.remove(&key);
                        known.remove(&key);
                    }
                    _ => {
                        sorted.retain(|own| *own != value % 4);
                        known.retain(|_, own| *own != value % 4);
                    }
                }
                prop_assert_eq!(sorted.get(&key), known.get(&key));
                prop_assert_eq!(sorted.get_mut(&key), known.get_mut(&key));
                prop_assert_eq!(sorted.len(), known.len());
                prop_assert_eq!(sorted.is_empty(), known.is_empty());
                prop_assert!(sorted.keys().eq(known.keys()));
            }
        }
    }
}
