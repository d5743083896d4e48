//! Searching procedures, with or without diacritics and with a typo.

use crate::synonyms::Synonym;
use motcua_domain::fold::fold;
use motcua_domain::procedure::Procedure;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, NumericOptions, Schema, TEXT, Value as _};
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyDocument, Term};

/// An index over procedures, in memory.
#[derive(Clone)]
pub struct Search {
    reader: IndexReader,
    name: Field,
    rest: Field,
    position: Field,
    synonyms: Vec<Synonym>,
}

/// How exactly a word must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Typo {
    None,
    OneLetter,
}

impl std::fmt::Debug for Search {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Search")
    }
}

impl Search {
    /// Indexes these procedures; hits are positions in their order.
    pub fn new<'a>(
        procedures: impl IntoIterator<Item = &'a Procedure>,
        synonyms: &[Synonym],
    ) -> Result<Self, tantivy::TantivyError> {
        let mut schema = Schema::builder();
        let name = schema.add_text_field("name", TEXT);
        let rest = schema.add_text_field("rest", TEXT);
        let position = schema.add_u64_field("position", NumericOptions::default().set_stored());
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000)?;
        for (at, procedure) in procedures.into_iter().enumerate() {
            let mut document = TantivyDocument::new();
            document.add_text(name, fold(&procedure.name.vi));
            let english = procedure.name.en.as_deref().unwrap_or_default();
            let mut words = vec![procedure.code.as_str(), english, &procedure.summary.vi, &procedure.field.vi];
            words.extend(procedure.result.en.as_deref());
            words.push(&procedure.result.vi);
            words.extend(procedure.keywords.iter().map(String::as_str));
            words.extend(procedure.life_events.iter().map(|event| event.vi.as_str()));
            document.add_text(rest, fold(&words.join(" ")));
            document.add_u64(position, at as u64);
            writer.add_document(document)?;
        }
        writer.commit()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { reader, name, rest, position, synonyms: synonyms.to_vec() })
    }

    /// The positions of the procedures that have all the words, the best first; if there are none, those that have
    /// them but for a letter, and at last those that have some of them.
    pub fn find(&self, query: &str, limit: usize) -> Result<Vec<usize>, tantivy::TantivyError> {
        let folded = fold(query);
        let words: Vec<&str> =
            folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(12).collect();
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let said = words.join(" ");
        let meant: Vec<String> = self.synonyms.iter().filter_map(|synonym| synonym.replace(&said)).collect();
        let tiers = [(Occur::Must, Typo::None), (Occur::Must, Typo::OneLetter), (Occur::Should, Typo::OneLetter)];
        for (occur, typo) in tiers {
            let mut found = Vec::new();
            for wording in std::iter::once(&said).chain(&meant) {
                let words: Vec<&str> = wording.split(' ').collect();
                for hit in self.run(&words, occur, typo, limit)? {
                    if !found.contains(&hit) {
                        found.push(hit);
                    }
                }
            }
            if !found.is_empty() {
                found.truncate(limit);
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    fn run(&self, words: &[&str], occur: Occur, typo: Typo, limit: usize) -> Result<Vec<usize>, tantivy::TantivyError> {
        let clauses = words.iter().map(|word| (occur, self.word(word, typo))).collect();
        let searcher = self.reader.searcher();
        let top = searcher.search(&BooleanQuery::new(clauses), &TopDocs::with_limit(limit).order_by_score())?;
        let mut found = Vec::new();
        for (_, address) in top {
            let document: TantivyDocument = searcher.doc(address)?;
            let position = document.get_first(self.position).and_then(|value| value.as_u64());
            found.extend(position.and_then(|position| usize::try_from(position).ok()));
        }
        Ok(found)
    }

    /// A word as it is, as the beginning of one, or (from four letters on) with one letter wrong.
    fn word(&self, word: &str, typo: Typo) -> Box<dyn Query> {
        let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for (field, weight) in [(self.name, 3.0), (self.rest, 1.0)] {
            let term = || Term::from_field_text(field, word);
            let boost = |query: Box<dyn Query>, weight| Box::new(BoostQuery::new(query, weight)) as Box<dyn Query>;
            let exact = Box::new(TermQuery::new(term(), IndexRecordOption::WithFreqs));
            any.push((Occur::Should, boost(exact, 2.0 * weight)));
            if word.len() >= 2 {
                any.push((Occur::Should, boost(Box::new(FuzzyTermQuery::new_prefix(term(), 0, true)), 0.3 * weight)));
            }
            if typo == Typo::OneLetter && word.len() >= 4 {
                any.push((Occur::Should, boost(Box::new(FuzzyTermQuery::new(term(), 1, true)), 0.2 * weight)));
            }
        }
        Box::new(BooleanQuery::new(any))
    }
}
