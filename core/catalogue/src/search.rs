//! Searching procedures, with or without diacritics and with a typo.

use crate::files::synonyms::Synonym;
use motcua_domain::fold::fold;
use motcua_domain::procedure::Procedure;
use std::collections::HashSet;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TEXT};
use tantivy::{DocAddress, Index, IndexReader, ReloadPolicy, TantivyDocument, Term};

/// The field with the position of a procedure.
const POSITION: &str = "position";

/// An index over procedures, in memory.
#[derive(Clone)]
pub struct Search {
    reader: IndexReader,
    name: Field,
    rest: Field,
    synonyms: Vec<Synonym>,
}

/// The longest query of a search, in characters. The rest is ignored.
pub const LONGEST_QUERY: usize = 200;

/// The longest word of a search, in characters. The rest is ignored, because the cost of a typo grows with the square
/// of a word's length.
pub const LONGEST_WORD: usize = 40;

/// The most words of a search. Further words are ignored.
pub const MOST_WORDS: usize = 12;

/// The exactness of a word.
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
    /// Indexes these procedures. Hits are positions in their order.
    pub fn new<'a>(
        procedures: impl IntoIterator<Item = &'a Procedure>,
        synonyms: &[Synonym],
    ) -> Result<Self, tantivy::TantivyError> {
        let mut schema = Schema::builder();
        let name = schema.add_text_field("name", TEXT);
        let rest = schema.add_text_field("rest", TEXT);
        let position = schema.add_u64_field(POSITION, FAST);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, 15_000_000)?;
        for (at, procedure) in procedures.into_iter().enumerate() {
            let mut document = TantivyDocument::new();
            document.add_text(name, fold(&procedure.name.vi));
            let mut words = vec![procedure.code.as_str()];
            words.extend(procedure.name.en.as_deref());
            let texts = [&procedure.summary, &procedure.field, &procedure.result];
            for text in texts.into_iter().chain(&procedure.life_events) {
                words.push(&text.vi);
                words.extend(text.en.as_deref());
            }
            words.extend(procedure.keywords.iter().map(String::as_str));
            document.add_text(rest, fold(&words.join(" ")));
            document.add_u64(position, at as u64);
            writer.add_document(document)?;
        }
        writer.commit()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Self { reader, name, rest, synonyms: synonyms.to_vec() })
    }

    /// Returns the positions of the procedures that have all the words, the best first. If there are none, returns
    /// those that have the words except for a letter, and at last those that have some of the words.
    pub fn find(&self, query: &str) -> Result<Vec<usize>, tantivy::TantivyError> {
        let query: String = query.chars().take(LONGEST_QUERY).collect();
        let folded = fold(&query);
        let said: Vec<String> = folded
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .take(MOST_WORDS)
            .map(|word| word.chars().take(LONGEST_WORD).collect())
            .collect();
        if said.is_empty() {
            return Ok(Vec::new());
        }
        let said = said.join(" ");
        let meant: Vec<String> = self.synonyms.iter().filter_map(|synonym| synonym.replace(&said)).collect();
        let tiers = [(Occur::Must, Typo::None), (Occur::Must, Typo::OneLetter), (Occur::Should, Typo::OneLetter)];
        for (occur, typo) in tiers {
            let (mut found, mut known) = (Vec::new(), HashSet::new());
            for wording in std::iter::once(&said).chain(&meant) {
                let words: Vec<&str> = wording.split(' ').collect();
                found.extend(self.run(&words, occur, typo)?.into_iter().filter(|hit| known.insert(*hit)));
            }
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    fn run(&self, words: &[&str], occur: Occur, typo: Typo) -> Result<Vec<usize>, tantivy::TantivyError> {
        let clauses = words.iter().map(|word| (occur, self.word(word, typo))).collect();
        let searcher = self.reader.searcher();
        // All hits are collected, because the caller removes some of them.
        let most = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX).max(1);
        let top = searcher.search(&BooleanQuery::new(clauses), &TopDocs::with_limit(most).order_by_score())?;
        let readers = searcher.segment_readers().iter();
        let positions = readers.map(|reader| reader.fast_fields().u64(POSITION)).collect::<Result<Vec<_>, _>>()?;
        let position = |address: DocAddress| positions.get(address.segment_ord as usize)?.first(address.doc_id);
        let found = top.into_iter().filter_map(|(_, address)| usize::try_from(position(address)?).ok());
        Ok(found.collect())
    }

    /// Returns the query for a word as it is, for a word that begins so, or (from four letters on) for one wrong
    /// letter.
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
