//! The names that an expression can use.

use crate::form::Field;

/// The fields that an expression can name. Within a group, the fields of the group come before those of the form.
#[derive(Debug, Clone, Copy)]
pub struct ExpressionScope<'a> {
    pub form: &'a [&'a Field],
    pub group: &'a [Field],
}

impl<'a> ExpressionScope<'a> {
    /// Returns the field with this id.
    pub fn find(&self, name: &str) -> Option<&'a Field> {
        let inner = self.group.iter().find(|field| field.id == name);
        inner.or_else(|| self.form.iter().copied().find(|field| field.id == name))
    }

    /// Returns the greatest length of the list that answers a field. Returns nothing if the answer is no list.
    pub(crate) fn longest(&self, name: &str) -> Option<usize> {
        self.find(name)?.kind.longest()
    }
}
