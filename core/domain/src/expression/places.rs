//! The places of a name in the text of an expression, so that the name can be changed and nothing else.

use super::rows::with_row_words;
use super::{Expression, free_names};
use cel::Program;
use std::collections::BTreeSet;
use std::ops::Range;

impl Expression {
    /// Returns the places at which the author's text names an answer, in bytes and in order. A loop variable, a part
    /// after a dot, a function and a text of the same letters are no such places.
    ///
    /// Returns `None` if the parser tells no certain place for one of them.
    pub fn places(&self, name: &str) -> Option<Vec<Range<usize>>> {
        if !self.names().iter().any(|known| known == name) {
            return Some(Vec::new());
        }
        let program = Program::compile(self.source()).ok()?;
        let whole = with_row_words(program.expression().clone());
        let mut nodes = BTreeSet::new();
        free_names(&whole, &mut Vec::new(), &mut |known, node| {
            if known == name {
                nodes.insert(node);
            }
        });
        let place = |node: u64| {
            let (start, _) = program.source_info().offset_for(node)?;
            let start = usize::try_from(start).ok()?;
            let place = start..start + name.len();
            (self.source().get(place.clone()) == Some(name)).then_some(place)
        };
        let mut places: Vec<Range<usize>> = nodes.into_iter().map(place).collect::<Option<_>>()?;
        places.sort_by_key(|place| place.start);
        places.dedup();
        Some(places)
    }

    /// Returns the expression with another name for an answer. Returns `None` if it is not certain, or if the new name
    /// is used already.
    pub fn renamed(&self, old: &str, new: &str) -> Option<Self> {
        let mut text = self.source().to_owned();
        for place in self.places(old)?.into_iter().rev() {
            text.replace_range(place, new);
        }
        let renamed = Self::parse(&text).ok()?;
        let names = |expression: &Self| expression.names().iter().cloned().collect::<BTreeSet<String>>();
        let wanted = self.names().iter().map(|name| if name == old { new.to_owned() } else { name.clone() });
        let wanted: BTreeSet<String> = wanted.collect();
        // A new name that a loop binds, or that another answer has, would change the meaning.
        (names(&renamed) == wanted && wanted.len() == self.names().len()).then_some(renamed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renamed(text: &str) -> Option<String> {
        let expression = Expression::parse(text).expect("it is CEL");
        expression.renamed("depth", "deep").map(|renamed| renamed.source().to_owned())
    }

    #[test]
    fn only_the_answer_is_renamed() {
        for (text, wanted) in [
            ("depth > 30 && 100 > depth", "deep > 30 && 100 > deep"),
            ("well.depth > depth", "well.depth > deep"),
            ("purpose == 'depth' || depth==1", "purpose == 'depth' || deep==1"),
            ("purpose == 'độ sâu' && depth > 1", "purpose == 'độ sâu' && deep > 1"),
            ("wells.all(depth, depth > 3)", "wells.all(depth, depth > 3)"),
            ("wells.any(depth, depth.a > 3) || depth > 3", "wells.any(depth, depth.a > 3) || deep > 3"),
            ("wells.sum(w, w.depth * depth) > 0", "wells.sum(w, w.depth * deep) > 0"),
            ("depths.count(d, d > depth) > 0", "depths.count(d, d > deep) > 0"),
            ("has(depth.unit) && size(depth.unit) > 1", "has(deep.unit) && size(deep.unit) > 1"),
            ("kind == 1 ? depth : depth2", "kind == 1 ? deep : depth2"),
        ] {
            assert_eq!(renamed(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn a_name_that_would_mean_something_else_is_refused() {
        assert_eq!(renamed("depth > deep"), None);
        assert_eq!(renamed("wells.all(deep, deep.a > depth)"), None);
    }
}
