//! The summary of an import: declared, lost, and why.

use std::collections::HashSet;
use std::fmt;

use crate::document::Document;
use crate::notes::{Note, Notes, Weight};
use crate::operations::Methods;
use crate::types::{Id, Kind, Ty, Types};

/// Notes of one kind beyond this number are only counted.
const SHOWN: usize = 12;

/// The summary of an import: declared, lost, and why.
#[derive(Debug, Clone)]
pub struct Summary {
    /// Operations in the document.
    pub operations: usize,
    /// Operations that are declared.
    pub declared: usize,
    /// Operations that are declared completely.
    pub whole: usize,
    /// Schemas in the document.
    pub schemas: usize,
    /// Schemas that became types, and not any value.
    pub real: usize,
    /// Types that were generated.
    pub types: usize,
    /// Fields of structs.
    pub fields: usize,
    /// Fields that accept any value.
    pub any: usize,
    /// All notes.
    pub notes: Vec<Note>,
}

impl Summary {
    pub(super) fn new(
        document: &Document<'_>,
        types: &Types<'_, '_>,
        methods: &Methods,
        keep: Option<&HashSet<Id>>,
        made: usize,
        notes: &Notes,
    ) -> Self {
        let kept = || {
            (0..types.defs.len())
                .filter(|id| keep.is_none_or(|it| it.contains(id)))
                .map(|id| &types.defs[id])
        };
        let components = || kept().filter(|it| it.component.is_some());
        let (mut fields, mut any) = (0, 0);
        for def in kept() {
            if let Some(Kind::Struct { fields: all, .. }) = &def.kind {
                fields += all.len();
                any += all.iter().filter(|it| *types.behind(&it.ty) == Ty::Value).count();
            }
        }
        let is_any = |kind: &Option<Kind>| matches!(kind, Some(Kind::Alias(ty)) if *types.behind(ty) == Ty::Value);
        let declared: Vec<_> = methods.list.iter().map(|it| (&it.shown, it.lost)).collect();
        let once: HashSet<_> = declared.iter().map(|it| it.0).collect();
        let lost: HashSet<_> = declared.iter().filter(|it| it.1).map(|it| it.0).collect();
        Self {
            operations: document.operations.len(),
            declared: once.len(),
            whole: once.len() - lost.len(),
            schemas: document.components,
            real: components().filter(|it| !is_any(&it.kind)).count(),
            types: made,
            fields,
            any,
            notes: notes.sorted(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} of {} operations declared, {} of them without a loss; {} types with {} fields, {} of which are any value",
            self.declared, self.operations, self.whole, self.types, self.fields, self.any
        )?;
        for weight in [Weight::Lost, Weight::Mended, Weight::Guessed, Weight::Chosen] {
            // Choices rarely deserve a line each.
            let shown = if weight == Weight::Chosen { 3 } else { SHOWN };
            let all: Vec<_> = self.notes.iter().filter(|it| it.weight == weight).collect();
            for note in all.iter().take(shown) {
                writeln!(f, "{:>8}: {}: {}", weight.word(), note.at, note.text)?;
            }
            if all.len() > shown {
                writeln!(
                    f,
                    "{:>8}: and {} more like these; `--notes` shows all",
                    weight.word(),
                    all.len() - shown
                )?;
            }
        }
        Ok(())
    }
}
