//! Searching procedures, with or without diacritics, in the words of people, and with a typo.
//!
//! ```text
//! query ── words ──► parts: a word with similar ones, or a term with what a synonym means
//!                      │  tantivy: the score of each procedure, and how many parts it has
//!                      ▼
//!                    the second ranking ── cut below a part of the first ──► hits
//! ```

mod word;

use crate::files::synonyms::Synonym;
use motcua_domain::procedure::Procedure;
use std::collections::HashMap;
use tantivy::collector::TopDocs;
use tantivy::query::{
    BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, FuzzyTermQuery, PhraseQuery, Query, TermQuery,
};
use tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::{DocAddress, Index, IndexReader, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term};
use word::{KnownWords, SearchWord, words};

/// The field with the position of a procedure.
const POSITION: &str = "position";

/// The longest query of a search, in characters. The rest is ignored.
pub const LONGEST_QUERY: usize = 200;

/// The longest word of a search, in characters. The rest is ignored, because the cost of a typo grows with the length.
pub const LONGEST_WORD: usize = 40;

/// The most words of a search. Further words are ignored.
pub const MOST_WORDS: usize = 12;

/// The memory for indexing, in bytes. It is enough for thousands of procedures in one segment, and is taken as needed.
const INDEXING_MEMORY: usize = 50_000_000;

/// The most words that a word of a query may mean.
const MOST_MEANT: usize = 10;

/// The letters at the end of a word that another form of the word may lack: `register` and `registration`.
const ENDING: usize = 3;

/// The fit of a similar word: with other diacritics, with another letter, with another ending or with more letters.
const SIMILAR: f32 = 0.6;

/// The share of a query that a procedure must have.
const LEAST_SHARE: f32 = 0.55;

/// The share of a query from which on known words are not taken for typos.
const ENOUGH: f32 = 0.8;

/// The part of the best score that a hit must have.
const LEAST_PART: f32 = 0.4;

/// The beginnings of names of procedures for people who have the result already, such as a renewal.
const LATER: [&str; 4] = ["gia han ", "cap lai ", "cap doi ", "dieu chinh "];

/// The part of the score of such a procedure, unless the query asks for one.
const LATER_PART: f32 = 0.75;

/// An index over procedures, in memory. Each text stands in it without diacritics and with them.
#[derive(Clone)]
pub struct Search {
    reader: IndexReader,
    name: TextField,
    keywords: TextField,
    /// All texts, with the names and the keywords.
    all: TextField,
    synonyms: Vec<SynonymWords>,
    /// The beginning of each procedure's name, by position, if it is one of [`LATER`].
    later: Vec<Option<&'static str>>,
}

/// A field, and the factor of a score in it.
#[derive(Clone, Copy)]
struct TextField {
    field: Field,
    worth: f32,
}

/// A way to say something, with its meaning, without diacritics. Both have a word.
#[derive(Clone)]
struct SynonymWords {
    said: Vec<String>,
    means: Vec<String>,
}

/// One word or several words that stand together, which a part of a query may mean.
struct MeantWords {
    words: Vec<String>,
    /// The part of the score that counts.
    fit: f32,
}

/// The words whose typos are forgiven.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TypoRule {
    /// Only the words that no procedure has.
    UnknownWords,
    AllWords,
}

/// A procedure that has enough of a query.
struct SearchHit {
    position: usize,
    score: f32,
    share: f32,
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
    ) -> Result<Self, TantivyError> {
        let mut schema = Schema::builder();
        let indexing = TextFieldIndexing::default().set_tokenizer("whitespace");
        let indexing = indexing.set_index_option(IndexRecordOption::WithFreqsAndPositions);
        let options = TextOptions::default().set_indexing_options(indexing);
        let [name, keywords, all] = [("name", 5.0), ("keywords", 3.0), ("all", 1.0)]
            .map(|(name, worth)| TextField { field: schema.add_text_field(name, options.clone()), worth });
        let position = schema.add_u64_field(POSITION, FAST);
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads(1, INDEXING_MEMORY)?;
        let (mut later, mut known) = (Vec::new(), KnownWords::default());
        for (at, procedure) in procedures.into_iter().enumerate() {
            let mut document = TantivyDocument::new();
            let mut add = |fields: &[TextField], text: &'a str| {
                let (folded, spelt) = known.of(text);
                for field in fields {
                    document.add_text(field.field, &folded);
                    if folded != spelt {
                        document.add_text(field.field, &spelt);
                    }
                }
            };
            let documents = procedure.legal_basis.iter().map(|document| &document.title);
            let texts = [&procedure.summary, &procedure.field, &procedure.result].into_iter().chain(documents);
            for text in texts.chain(&procedure.life_events) {
                add(&[all], &text.vi);
                add(&[all], text.en.as_deref().unwrap_or_default());
            }
            add(&[name, all], &procedure.name.vi);
            add(&[name, all], procedure.name.en.as_deref().unwrap_or_default());
            for term in procedure.keywords.iter().map(String::as_str).chain([procedure.code.as_str()]) {
                add(&[keywords, all], term);
            }
            document.add_u64(position, at as u64);
            writer.add_document(document)?;
            let title = known.of(&procedure.name.vi).0 + " ";
            later.push(LATER.into_iter().find(|start| title.starts_with(*start)));
        }
        writer.commit()?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let folded = |text: &str| words(text).map(|word| word.folded).collect::<Vec<_>>();
        let ways = synonyms.iter().flat_map(|synonym| synonym.words.iter().map(move |said| (said, &synonym.means)));
        let synonyms = ways
            .map(|(said, means)| SynonymWords { said: folded(said), means: folded(means) })
            .filter(|synonym| !synonym.said.is_empty() && !synonym.means.is_empty());
        Ok(Self { reader, name, keywords, all, synonyms: synonyms.collect(), later })
    }

    /// Returns the positions of the procedures that fit, the best first.
    ///
    /// A procedure has most of the query, or of what synonyms in it mean. If no procedure has nearly all of it, a letter
    /// may be wrong in every word, and otherwise only in the words that no procedure has. Hits far below the first are
    /// left out, because a few common words lead to them.
    pub fn find(&self, query: &str) -> Result<Vec<usize>, TantivyError> {
        let query: String = query.chars().take(LONGEST_QUERY).collect();
        let said: Vec<SearchWord> = words(&query).take(MOST_WORDS).collect();
        let mut hits = self.hits(&said, TypoRule::UnknownWords)?;
        if hits.iter().all(|hit| hit.share < ENOUGH) {
            hits = self.hits(&said, TypoRule::AllWords)?;
        }
        let asked: String = said.iter().flat_map(|word| [word.folded.as_str(), " "]).collect();
        for hit in &mut hits {
            let later = self.later.get(hit.position).copied().flatten();
            let is_asked = later.is_none_or(|start| asked.contains(start));
            hit.score *= hit.share * hit.share * if is_asked { 1.0 } else { LATER_PART };
        }
        let least = LEAST_PART * hits.iter().map(|hit| hit.score).fold(0.0, f32::max);
        hits.retain(|hit| hit.score >= least);
        hits.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.position.cmp(&other.position)));
        Ok(hits.into_iter().map(|hit| hit.position).collect())
    }

    /// Returns the procedures that have enough of a query, without an order.
    fn hits(&self, said: &[SearchWord], typos: TypoRule) -> Result<Vec<SearchHit>, TantivyError> {
        let searcher = self.reader.searcher();
        let parts = self.parts(&searcher, said, typos)?;
        let mut scores: Vec<Box<dyn Query>> = Vec::new();
        let mut shares: Vec<Box<dyn Query>> = Vec::new();
        for meant in parts.iter().filter(|meant| !meant.is_empty()) {
            scores.push(best(&[self.name, self.keywords, self.all], meant));
            let share = |meant: &MeantWords| -> Box<dyn Query> {
                Box::new(ConstScoreQuery::new(together(self.all.field, &meant.words), meant.fit))
            };
            shares.push(Box::new(DisjunctionMaxQuery::new(meant.iter().map(share).collect())));
        }
        // Words that are neighbours in the query and in a procedure count once more, because most terms have several
        // syllables.
        for (before, after) in parts.iter().zip(parts.iter().skip(1)) {
            if let (Some(before), Some(after)) = (before.first(), after.first()) {
                let words = [before.words.as_slice(), after.words.as_slice()].concat();
                scores.push(best(&[self.name, self.keywords], &[MeantWords { words, fit: 1.0 }]));
            }
        }
        if shares.is_empty() {
            return Ok(Vec::new());
        }
        let scores = collect(&searcher, scores)?;
        let count = f32::from(u8::try_from(parts.len()).unwrap_or(u8::MAX));
        let hit = |(position, share): (usize, f32)| {
            let score = scores.get(&position).copied().unwrap_or_default();
            SearchHit { position, score, share: share / count }
        };
        let hits = collect(&searcher, shares)?.into_iter().map(hit);
        Ok(hits.filter(|hit| hit.share >= LEAST_SHARE).collect())
    }

    /// Returns what each part of a query may mean, the best first. A synonym counts only where its words stand together,
    /// because they mean something else apart. Words that say little are left out, unless there are no others.
    fn parts(
        &self,
        searcher: &Searcher,
        mut said: &[SearchWord],
        typos: TypoRule,
    ) -> Result<Vec<Vec<MeantWords>>, TantivyError> {
        let with_quiet = said.iter().all(SearchWord::is_quiet);
        let mut parts = Vec::new();
        while let [word, others @ ..] = said {
            let is_start = |start: &[String]| {
                said.len() >= start.len() && said.iter().zip(start).all(|(word, start)| word.folded == *start)
            };
            let fitting = self.synonyms.iter().filter(|synonym| is_start(&synonym.said));
            if let Some(SynonymWords { said: term, means }) = fitting.max_by_key(|synonym| synonym.said.len()) {
                parts.push([term, means].map(|words| MeantWords { words: words.clone(), fit: 1.0 }).into());
                said = said.get(term.len()..).unwrap_or_default();
            } else {
                if with_quiet || !word.is_quiet() {
                    parts.push(self.similar(searcher, word, typos)?);
                }
                said = others;
            }
        }
        Ok(parts)
    }

    /// Returns the words of the index that a word may mean, and first the word itself.
    ///
    /// Vietnamese syllables are short, and most beginnings of one are another one. So a word that procedures have
    /// stands for longer ones only if it has five letters, and for other endings only if it has six.
    fn similar(
        &self,
        searcher: &Searcher,
        word: &SearchWord,
        typos: TypoRule,
    ) -> Result<Vec<MeantWords>, TantivyError> {
        let term = |text: &str| Term::from_field_text(self.all.field, text);
        let is_known = searcher.doc_freq(&term(&word.folded))? > 0;
        let mut meant = Vec::new();
        if is_known {
            meant.push(MeantWords { words: vec![word.spelling.clone()], fit: 1.0 });
        }
        if is_known && word.folded != word.spelling {
            meant.push(MeantWords { words: vec![word.folded.clone()], fit: SIMILAR });
        }
        let (length, is_text) = (word.folded.chars().count(), !word.is_number());
        let (for_typo, for_longer) = if is_known { (4, 5) } else { (3, 2) };
        let mut queries = Vec::new();
        if is_text && length >= for_typo && (!is_known || typos == TypoRule::AllWords) {
            queries.push(FuzzyTermQuery::new(term(&word.folded), 1, true));
        }
        if length >= for_longer {
            let kept = if is_text && length >= 2 * ENDING { (length - ENDING).max(ENDING + 1) } else { length };
            let start: String = word.folded.chars().take(kept).collect();
            queries.push(FuzzyTermQuery::new_prefix(term(&start), 0, true));
        }
        for query in &queries {
            for segment in searcher.segment_readers() {
                let texts = segment.inverted_index(self.all.field)?;
                let mut terms = texts.terms().search(query.automaton()?).into_stream()?;
                while meant.len() < MOST_MEANT && terms.advance() {
                    let words = vec![String::from_utf8_lossy(terms.key()).into_owned()];
                    if terms.key().is_ascii() && meant.iter().all(|known| known.words != words) {
                        meant.push(MeantWords { words, fit: SIMILAR });
                    }
                }
            }
        }
        Ok(meant)
    }
}

/// Returns the query for words that stand together, of which there is one at least.
fn together(field: Field, words: &[String]) -> Box<dyn Query> {
    let terms: Vec<Term> = words.iter().map(|word| Term::from_field_text(field, word)).collect();
    match terms.as_slice() {
        [term] => Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs)),
        _ => Box::new(PhraseQuery::new(terms)),
    }
}

/// Returns the query with the score of the best of these words in the best of these fields.
fn best(fields: &[TextField], meant: &[MeantWords]) -> Box<dyn Query> {
    let pairs = fields.iter().flat_map(|field| meant.iter().map(move |meant| (field, meant)));
    let score = |(field, meant): (&TextField, &MeantWords)| -> Box<dyn Query> {
        Box::new(BoostQuery::new(together(field.field, &meant.words), field.worth * meant.fit))
    };
    Box::new(DisjunctionMaxQuery::new(pairs.map(score).collect()))
}

/// Returns the sum of these scores for each procedure, by position.
fn collect(searcher: &Searcher, scores: Vec<Box<dyn Query>>) -> Result<HashMap<usize, f32>, TantivyError> {
    // All hits are collected, because the caller removes some of them.
    let most = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX).max(1);
    let found = searcher.search(&BooleanQuery::union(scores), &TopDocs::with_limit(most).order_by_score())?;
    let readers = searcher.segment_readers().iter();
    let positions = readers.map(|reader| reader.fast_fields().u64(POSITION)).collect::<Result<Vec<_>, _>>()?;
    let position = |address: DocAddress| positions.get(address.segment_ord as usize)?.first(address.doc_id);
    let scored = |(score, address): (f32, DocAddress)| Some((usize::try_from(position(address)?).ok()?, score));
    Ok(found.into_iter().filter_map(scored).collect())
}
