//! The words about rows: `any`, `count`, `sum`, `min` and `max`.
//!
//! CEL has no macros for them. They are written with macros and functions before anything looks at an expression:
//!
//! | words | meaning |
//! | --- | --- |
//! | `rows.any(r, holds)` | `rows.exists(r, holds)` |
//! | `rows.count(r, holds)` | `size(rows.filter(r, holds))` |
//! | `rows.sum(r, value)` | `sum(rows.map(r, value))` |
//! | `rows.min(r, value)`, `rows.max(r, value)` | `min(rows.map(r, value))`, `max(rows.map(r, value))` |

use cel::common::ast::{
    CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, ListExpr, LiteralValue, operators as op,
};

/// The way to write each word, for messages.
const USAGES: [(&str, &str); 10] = [
    ("any", "members.any(m, m.age >= 60)"),
    ("all", "members.all(m, m.age >= 60)"),
    ("exists", "members.exists(m, m.age >= 60)"),
    ("exists_one", "members.exists_one(m, m.age >= 60)"),
    ("count", "members.count(m, m.age >= 60)"),
    ("filter", "members.filter(m, has(m.share))"),
    ("map", "members.map(m, m.share)"),
    ("sum", "members.sum(m, m.share)"),
    ("min", "members.min(m, m.age)"),
    ("max", "members.max(m, m.age)"),
];

/// The name of the result of a loop, as the parser of CEL writes it.
const RESULT: &str = "@result";

/// Returns the way to write a word about rows.
pub(crate) fn row_usage(word: &str) -> Option<&'static str> {
    USAGES.iter().find(|(known, _)| *known == word).map(|(_, usage)| *usage)
}

/// Returns the words about rows.
pub(crate) fn row_words() -> impl Iterator<Item = &'static str> {
    USAGES.iter().map(|(word, _)| *word)
}

/// A word about rows, with its parts.
struct RowWord {
    rows: IdedExpr,
    /// The name of a row in `body`.
    name: String,
    body: IdedExpr,
    /// The number of the written node.
    id: u64,
}

/// Writes the words about rows with the macros and functions of CEL, at every depth.
pub(super) fn with_row_words(mut whole: IdedExpr) -> IdedExpr {
    expand_all(&mut whole);
    whole
}

fn expand_all(whole: &mut IdedExpr) {
    let mut open = vec![whole];
    while let Some(at) = open.pop() {
        expand(at);
        match &mut at.expr {
            Expr::Call(call) => open.extend(call.target.as_deref_mut().into_iter().chain(&mut call.args)),
            Expr::Select(select) => open.push(&mut select.operand),
            Expr::List(list) => open.extend(&mut list.elements),
            Expr::Comprehension(inner) => {
                let ComprehensionExpr { iter_range, accu_init, loop_cond, loop_step, result, .. } = &mut **inner;
                open.extend([iter_range, accu_init, loop_cond, loop_step, result]);
            }
            Expr::Map(map) => open.extend(map.entries.iter_mut().flat_map(|entry| entry_parts(&mut entry.expr))),
            Expr::Struct(made) => open.extend(made.entries.iter_mut().flat_map(|entry| entry_parts(&mut entry.expr))),
            Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
        }
    }
}

fn entry_parts(entry: &mut EntryExpr) -> Vec<&mut IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&mut field.value],
        EntryExpr::MapEntry(entry) => vec![&mut entry.key, &mut entry.value],
    }
}

fn expand(at: &mut IdedExpr) {
    let id = at.id;
    let Expr::Call(call) = &mut at.expr else { return };
    let is_word = matches!(call.func_name.as_str(), "any" | "count" | "sum" | "min" | "max");
    let Some(name) = row_name(call).filter(|_| is_word) else { return };
    let (Some(rows), Some(body)) = (call.target.take(), call.args.pop()) else { return };
    let function = std::mem::take(&mut call.func_name);
    let word = RowWord { rows: *rows, name, body, id };
    at.expr = match function.as_str() {
        "any" => word.any(),
        "count" => {
            let kept = word.filter();
            called("size", vec![IdedExpr { id, expr: kept }])
        }
        _ => {
            let values = word.map();
            called(&function, vec![IdedExpr { id, expr: values }])
        }
    };
}

/// Returns the name that a call gives to a row, if it is written like a macro.
fn row_name(call: &CallExpr) -> Option<String> {
    call.target.as_ref()?;
    match call.args.as_slice() {
        [IdedExpr { expr: Expr::Ident(name), .. }, _] => Some(name.clone()),
        _ => None,
    }
}

fn called(function: &str, args: Vec<IdedExpr>) -> Expr {
    Expr::Call(CallExpr { func_name: function.to_owned(), target: None, args })
}

impl RowWord {
    fn node(&self, expr: Expr) -> IdedExpr {
        IdedExpr { id: self.id, expr }
    }

    fn result(&self) -> IdedExpr {
        self.node(Expr::Ident(RESULT.to_owned()))
    }

    fn list(&self, elements: Vec<IdedExpr>) -> IdedExpr {
        self.node(Expr::List(ListExpr::new(elements)))
    }

    /// Returns the loop that begins with `start` and goes on with `step`.
    fn folded(self, start: IdedExpr, step: IdedExpr) -> Expr {
        let (loop_cond, result) = (self.node(Expr::Literal(LiteralValue::Boolean(true.into()))), self.result());
        Expr::Comprehension(Box::new(ComprehensionExpr {
            iter_range: self.rows,
            iter_var: self.name,
            iter_var2: None,
            accu_var: RESULT.to_owned(),
            accu_init: start,
            loop_cond,
            loop_step: step,
            result,
        }))
    }

    fn any(mut self) -> Expr {
        let body = std::mem::take(&mut self.body);
        let start = self.node(Expr::Literal(LiteralValue::Boolean(false.into())));
        let step = self.node(called(op::LOGICAL_OR, vec![self.result(), body]));
        self.folded(start, step)
    }

    fn map(mut self) -> Expr {
        let body = std::mem::take(&mut self.body);
        let item = self.list(vec![body]);
        let step = self.node(called(op::ADD, vec![self.result(), item]));
        let start = self.list(Vec::new());
        self.folded(start, step)
    }

    fn filter(mut self) -> Expr {
        let guard = std::mem::take(&mut self.body);
        let item = self.list(vec![self.node(Expr::Ident(self.name.clone()))]);
        let added = self.node(called(op::ADD, vec![self.result(), item]));
        let step = self.node(called(op::CONDITIONAL, vec![guard, added, self.result()]));
        let start = self.list(Vec::new());
        self.folded(start, step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cel::Program;

    /// Returns an expression without the numbers of its nodes.
    fn parsed(source: &str) -> IdedExpr {
        let mut whole = with_row_words(Program::compile(source).expect("it is CEL").expression().clone());
        let mut open = vec![&mut whole];
        while let Some(at) = open.pop() {
            at.id = 0;
            match &mut at.expr {
                Expr::Call(call) => open.extend(call.target.as_deref_mut().into_iter().chain(&mut call.args)),
                Expr::Select(select) => open.push(&mut select.operand),
                Expr::List(list) => open.extend(&mut list.elements),
                Expr::Comprehension(inner) => {
                    let ComprehensionExpr { iter_range, accu_init, loop_cond, loop_step, result, .. } = &mut **inner;
                    // The interpreter ends a loop early by the condition. The evaluation here does not read it.
                    *loop_cond = IdedExpr::default();
                    open.extend([iter_range, accu_init, loop_step, result]);
                }
                Expr::Map(_) | Expr::Struct(_) | Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => {}
            }
        }
        whole
    }

    #[test]
    fn the_words_about_rows_are_written_with_the_macros_of_cel() {
        for (word, cel) in [
            ("rows.any(r, r.n > 3)", "rows.exists(r, r.n > 3)"),
            ("rows.count(r, r.n > 3) > 1", "size(rows.filter(r, r.n > 3)) > 1"),
            ("rows.sum(r, r.n * 2)", "sum(rows.map(r, r.n * 2))"),
            ("[rows.min(r, r.n)]", "[min(rows.map(r, r.n))]"),
            ("rows.filter(r, has(r.n)).max(r, r.n)", "max(rows.filter(r, has(r.n)).map(r, r.n))"),
            ("rows.any(r, r.inner.any(i, i.n == r.n))", "rows.exists(r, r.inner.exists(i, i.n == r.n))"),
        ] {
            assert_eq!(parsed(word), parsed(cel), "{word}");
        }
        for call in ["rows.any(1, 2)", "any(r, r.n > 3)", "rows.count(r)"] {
            assert!(matches!(parsed(call).expr, Expr::Call(_)), "{call}");
        }
    }
}
