//! The macros of CEL, recognised in the loops to which the parser expands them.

use cel::common::ast::{ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators as op};

/// The macros as the parser expands them: `all` and `exists`, `exists_one`, `map` and `filter`.
#[derive(Clone, Copy)]
pub(crate) enum MacroFold<'a> {
    /// One member with the deciding value ends the loop.
    Decides {
        body: &'a IdedExpr,
        deciding: bool,
    },
    One {
        guard: &'a IdedExpr,
    },
    Collects {
        guard: Option<&'a IdedExpr>,
        item: &'a IdedExpr,
    },
}

impl<'a> MacroFold<'a> {
    /// Recognises the macro behind an expanded loop.
    pub fn of(inner: &'a ComprehensionExpr) -> Option<Self> {
        let Expr::Call(step) = &inner.loop_step.expr else { return None };
        match (&inner.accu_init.expr, step.func_name.as_str(), step.args.as_slice()) {
            (Expr::Literal(LiteralValue::Boolean(_)), op::LOGICAL_AND, [_, body]) => {
                Some(Self::Decides { body, deciding: false })
            }
            (Expr::Literal(LiteralValue::Boolean(_)), op::LOGICAL_OR, [_, body]) => {
                Some(Self::Decides { body, deciding: true })
            }
            (Expr::Literal(LiteralValue::Int(_)), op::CONDITIONAL, [guard, _, _]) => Some(Self::One { guard }),
            (Expr::List(_), op::ADD, [_, added]) => Some(Self::Collects { guard: None, item: only(added)? }),
            (Expr::List(_), op::CONDITIONAL, [guard, added, _]) => {
                let Expr::Call(added) = &added.expr else { return None };
                let [_, added] = added.args.as_slice() else { return None };
                Some(Self::Collects { guard: Some(guard), item: only(added)? })
            }
            _ => None,
        }
    }
}

/// Returns the only element of a written list.
fn only(at: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::List(list) = &at.expr else { return None };
    let [element] = list.elements.as_slice() else { return None };
    Some(element)
}
