//! Which types contain which: where a `Box` is needed, and which types are part of a request.

use std::collections::HashSet;

use super::{Id, Kind, Ty, Types};

/// Facts about all types together, for rendering.
pub(super) struct Graph {
    /// The cycle that contains a type; a type without a cycle is alone.
    pub(super) cycle: Vec<usize>,
    /// Types that are part of a request.
    pub(super) sent: HashSet<Id>,
    /// Aliases that refer to themselves.
    pub(super) endless: HashSet<Id>,
}

impl Types<'_, '_> {
    pub(super) fn graph(&self, sent: &[Ty]) -> Graph {
        let direct: Vec<Vec<Id>> =
            (0..self.defs.len()).map(|id| self.held(id, Self::directly)).collect();
        let all: Vec<Vec<Id>> =
            (0..self.defs.len()).map(|id| self.held(id, Self::anywhere)).collect();
        let mut reached = HashSet::new();
        let mut open: Vec<Id> = Vec::new();
        sent.iter().for_each(|ty| self.anywhere(ty, &mut open));
        while let Some(id) = open.pop() {
            if reached.insert(id) {
                open.extend(&all[id]);
            }
        }
        Graph { cycle: components(&direct), sent: reached, endless: self.endless(&all) }
    }

    /// All types that can be reached from these.
    pub fn reachable(&self, from: &[Ty]) -> HashSet<Id> {
        self.graph(from).sent
    }

    fn held(&self, id: Id, look: fn(&Self, &Ty, &mut Vec<Id>)) -> Vec<Id> {
        let mut held = Vec::new();
        match &self.defs[id].kind {
            Some(Kind::Struct { fields, extra, flat, .. }) => {
                fields.iter().map(|it| &it.ty).chain(flat).for_each(|ty| look(self, ty, &mut held));
                if let Some(extra) = extra {
                    look(self, &Ty::Map(Box::new(extra.clone())), &mut held);
                }
            }
            Some(Kind::Union { variants, .. }) => {
                variants.iter().for_each(|(_, ty)| look(self, ty, &mut held))
            }
            Some(Kind::Alias(ty)) => look(self, ty, &mut held),
            _ => {}
        }
        held
    }

    /// The types that are contained without a box in between.
    fn directly(&self, ty: &Ty, held: &mut Vec<Id>) {
        match ty {
            Ty::Named(id) => held.push(*id),
            Ty::Maybe(inner) => self.directly(inner, held),
            _ => {}
        }
    }

    fn anywhere(&self, ty: &Ty, held: &mut Vec<Id>) {
        match ty {
            Ty::Named(id) => held.push(*id),
            Ty::Maybe(inner) | Ty::List(inner) | Ty::Map(inner) => self.anywhere(inner, held),
            _ => {}
        }
    }

    /// The aliases that, written out, would contain themselves.
    fn endless(&self, all: &[Vec<Id>]) -> HashSet<Id> {
        let is_alias = |id: Id| matches!(self.defs[id].kind, Some(Kind::Alias(_)));
        let of_alias = |id: Id| if is_alias(id) { all[id].clone() } else { Vec::new() };
        let edges: Vec<Vec<Id>> = (0..self.defs.len()).map(of_alias).collect();
        let cycle = components(&edges);
        let mut sizes = vec![0; edges.len()];
        cycle.iter().for_each(|it| sizes[*it] += 1);
        let is_endless = |id: &Id| sizes[cycle[*id]] > 1 || edges[*id].contains(id);
        (0..edges.len()).filter(is_endless).collect()
    }
}

/// Strongly connected components by Tarjan's algorithm, without recursion, since documents may be deep.
fn components(edges: &[Vec<Id>]) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let count = edges.len();
    let (mut index, mut low, mut cycle) = (vec![NONE; count], vec![0; count], vec![NONE; count]);
    let (mut stack, mut next) = (Vec::new(), 0);
    for root in 0..count {
        if index[root] != NONE {
            continue;
        }
        let mut work = vec![(root, 0)];
        while let Some((at, edge)) = work.pop() {
            if edge == 0 {
                index[at] = next;
                low[at] = next;
                next += 1;
                stack.push(at);
            }
            if let Some(&to) = edges[at].get(edge) {
                work.push((at, edge + 1));
                if index[to] == NONE {
                    work.push((to, 0));
                } else if cycle[to] == NONE {
                    low[at] = low[at].min(index[to]);
                }
                continue;
            }
            if low[at] == index[at] {
                while let Some(member) = stack.pop() {
                    cycle[member] = at;
                    if member == at {
                        break;
                    }
                }
            }
            if let Some((parent, _)) = work.last() {
                low[*parent] = low[*parent].min(low[at]);
            }
        }
    }
    cycle
}
