//! The names that an expression can use.

use crate::form::Field;

/// The fields that an expression can name. Within a group, the fields of the group come before those of the form.
#[derive(Debug, Clone, Copy)]
pub struct ExpressionScope<'a> {
    pub form: &'a [&'a Field],
    pub group: &'a [Field],
    /// The questions to several units, each with the most units. Their answers are lists.
    pub asked: &'a [(&'a Field, usize)],
}

impl<'a> ExpressionScope<'a> {
    /// Returns the field with this id.
    pub fn find(&self, name: &str) -> Option<&'a Field> {
        let inner = self.group.iter().find(|field| field.id == name);
        inner.or_else(|| self.form.iter().copied().find(|field| field.id == name))
    }

    /// Returns the field at a path: a field, or a part of a block such as `owner.sex`.
    pub(super) fn at(&self, path: &str) -> Option<&'a Field> {
        let mut names = path.split('.');
        let mut field = self.find(names.next()?)?;
        for name in names {
            let parts: &'a [Field] = if field.kind.rows().is_some() { &[] } else { field.kind.parts() };
            field = parts.iter().find(|part| part.id == name)?;
        }
        Some(field)
    }

    /// Returns the question to several units with this id, and the most units.
    pub(super) fn asked(&self, name: &str) -> Option<(&'a Field, usize)> {
        self.asked.iter().copied().find(|(field, _)| field.id == name)
    }

    /// Returns whether an expression may name this.
    pub fn knows(&self, name: &str) -> bool {
        self.find(name).is_some() || self.asked(name).is_some()
    }

    /// Returns the greatest length of the list that answers a field. Returns nothing if the answer is no list.
    pub(crate) fn longest(&self, name: &str) -> Option<usize> {
        match self.asked(name) {
            Some((field, units)) => Some(field.kind.longest().map_or(units, |longest| longest.max(units))),
            None => self.find(name)?.kind.longest(),
        }
    }
}
