//! Forms in parts (RFC 7578), read as they stream in. Each byte is read once, and only the last bytes of a part are in
//! memory.

use crate::web::failure::Failure;
use crate::web::{body, limits};
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, header};
use bytes::{Buf as _, Bytes, BytesMut};
use futures::{Stream, StreamExt as _};
use memchr::memmem::Finder;
use motcua_domain::text::clean;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The end of a line, and the end of the head of a part.
const LINE: &[u8] = b"\r\n";
const HEAD: &[u8] = b"\r\n\r\n";

/// A form in parts.
pub struct FormParts {
    body: BodyDataStream,
    /// Bytes that have arrived and are not read yet.
    buffer: BytesMut,
    /// The text between two parts: the end of a line, two dashes, the boundary.
    delimiter: Finder<'static>,
    at: PartsState,
    /// The number of further parts that are accepted.
    left: usize,
    /// The number of further bytes of names and texts that are accepted.
    texts: usize,
}

/// The place at which the form is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartsState {
    /// Before the first delimiter.
    Preamble,
    /// Behind a delimiter.
    Delimiter,
    /// In the head of a part. Its end is not among so many bytes.
    Head(usize),
    /// In the content of a part.
    Content,
    /// Behind the last delimiter.
    End,
}

/// The head of a part.
#[derive(Debug, PartialEq, Eq)]
struct PartHead {
    name: String,
    file_name: Option<String>,
}

/// A part: a text or a file. As a stream, it is the content.
pub struct FormPart<'a> {
    parts: &'a mut FormParts,
    head: PartHead,
}

impl FormParts {
    /// Begins to read a form. Returns nothing if the headers do not announce a form in parts.
    pub fn of(headers: &HeaderMap, body: Body) -> Option<Self> {
        let kind = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
        let boundary = parameter(kind, "boundary").filter(|_| kind.starts_with("multipart/form-data"))?;
        let is_one = (1..=limits::BOUNDARY).contains(&boundary.len());
        is_one.then(|| Self {
            body: body.into_data_stream(),
            // The first delimiter has no line before it.
            buffer: BytesMut::from(LINE),
            delimiter: Finder::new(&format!("\r\n--{boundary}")).into_owned(),
            at: PartsState::Preamble,
            left: limits::FIELDS,
            texts: limits::TEXTS,
        })
    }

    /// Returns the next part. Skips the unread rest of the part before.
    pub async fn next(&mut self) -> Result<Option<FormPart<'_>>, Failure> {
        match poll_fn(|context| self.poll_head(context)).await? {
            Some(head) => Ok(Some(FormPart { parts: self, head })),
            None => Ok(None),
        }
    }

    /// Reads the rest of the form and returns its texts. Returns nothing if the files before the texts exceed the
    /// limit.
    pub async fn texts(&mut self) -> Result<Option<Vec<(String, String)>>, Failure> {
        let (mut fields, mut left) = (Vec::new(), limits::PASSED_OVER);
        while let Some(mut part) = self.next().await? {
            if !part.is_file() {
                let name = part.name().to_owned();
                fields.push((name, part.text().await?));
                continue;
            }
            while let Some(chunk) = part.next().await {
                match left.checked_sub(chunk?.len() as u64) {
                    Some(less) => left = less,
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(fields))
    }

    /// Reads and discards the rest of the form, up to a limit, because a browser shows the answer only after it has
    /// sent everything.
    pub async fn drain(&mut self) {
        self.at = PartsState::End;
        self.buffer = BytesMut::new();
        let rest = std::mem::replace(&mut self.body, Body::empty().into_data_stream());
        body::drain(rest, limits::DRAINED).await;
    }

    /// Waits for more bytes of the body.
    fn poll_more(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(match ready!(self.body.poll_next_unpin(context)) {
            Some(Ok(chunk)) => {
                self.buffer.extend_from_slice(&chunk);
                Ok(())
            }
            Some(Err(error)) => Err(body::failure(&error)),
            None => Err(Failure::Unreadable),
        })
    }

    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<PartHead>, Failure>> {
        loop {
            match self.at {
                PartsState::Preamble => {
                    if let Some(begin) = self.delimiter.find(&self.buffer) {
                        self.buffer.advance(begin + self.delimiter.needle().len());
                        self.at = PartsState::Delimiter;
                        continue;
                    }
                    if self.buffer.len() > limits::PREAMBLE {
                        return Poll::Ready(Err(Failure::Unreadable));
                    }
                }
                PartsState::Delimiter if self.buffer.starts_with(LINE) => {
                    self.buffer.advance(LINE.len());
                    self.at = PartsState::Head(0);
                    continue;
                }
                PartsState::Delimiter if self.buffer.starts_with(b"--") => {
                    self.at = PartsState::End;
                    continue;
                }
                PartsState::Delimiter if self.buffer.len() >= LINE.len() => {
                    return Poll::Ready(Err(Failure::Unreadable));
                }
                PartsState::Delimiter => {}
                PartsState::Head(known) => {
                    let end = self.buffer.get(known..).and_then(|rest| memchr::memmem::find(rest, HEAD));
                    match end.map(|end| known + end) {
                        Some(end) if end <= limits::PART_HEAD => return Poll::Ready(self.head(end).map(Some)),
                        None if self.buffer.len() <= limits::PART_HEAD => {
                            self.at = PartsState::Head(self.buffer.len().saturating_sub(HEAD.len() - 1));
                        }
                        _ => return Poll::Ready(Err(Failure::TooLarge)),
                    }
                }
                PartsState::Content => {
                    // The part before was not read to its end.
                    drop(ready!(self.poll_content(context))?);
                    continue;
                }
                PartsState::End => return Poll::Ready(Ok(None)),
            }
            ready!(self.poll_more(context))?;
        }
    }

    /// Reads the head of a part, which ends at `end` in the buffer.
    fn head(&mut self, end: usize) -> Result<PartHead, Failure> {
        let bytes = self.buffer.split_to(end);
        self.buffer.advance(HEAD.len());
        self.at = PartsState::Content;
        self.left = self.left.checked_sub(1).ok_or(Failure::TooLarge)?;
        let text = std::str::from_utf8(&bytes).map_err(|_| Failure::Unreadable)?;
        let disposition = text.split("\r\n").find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
        });
        let disposition = disposition.ok_or(Failure::Unreadable)?;
        let name = parameter(disposition, "name").ok_or(Failure::Unreadable)?;
        let file_name = parameter(disposition, "filename");
        if name.len() > limits::NAME || file_name.as_ref().is_some_and(|name| name.len() > limits::NAME) {
            return Err(Failure::TooLarge);
        }
        self.spend(name.len())?;
        Ok(PartHead { name, file_name })
    }

    /// Counts bytes of names and texts.
    fn spend(&mut self, bytes: usize) -> Result<(), Failure> {
        self.texts = self.texts.checked_sub(bytes).ok_or(Failure::TooLarge)?;
        Ok(())
    }

    /// Returns the next bytes of the content of the part, and nothing at its end.
    fn poll_content(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Failure>> {
        while self.at == PartsState::Content {
            let length = self.delimiter.needle().len();
            let (content, is_last) = match self.delimiter.find(&self.buffer) {
                Some(end) => (end, true),
                // The last bytes may be the beginning of a delimiter.
                None => (self.buffer.len().saturating_sub(length - 1), false),
            };
            let bytes = self.buffer.split_to(content).freeze();
            if is_last {
                self.buffer.advance(length);
                self.at = PartsState::Delimiter;
            }
            if !bytes.is_empty() {
                return Poll::Ready(Ok(Some(bytes)));
            }
            if !is_last {
                ready!(self.poll_more(context))?;
            }
        }
        Poll::Ready(Ok(None))
    }
}

impl FormPart<'_> {
    /// Returns the name of the field.
    pub fn name(&self) -> &str {
        &self.head.name
    }

    /// Returns whether the field is one for files. If no file was chosen, the name of the file is empty.
    pub fn is_file(&self) -> bool {
        self.head.file_name.is_some()
    }

    /// Returns the name of the file, if one was chosen.
    pub fn file_name(&self) -> Option<String> {
        self.head.file_name.clone().filter(|name| !name.is_empty())
    }

    /// Reads the content of a text, cleaned.
    pub async fn text(mut self) -> Result<String, Failure> {
        let bytes = self.content(limits::TEXTS).await?;
        self.parts.spend(bytes.len())?;
        String::from_utf8(bytes).map(|text| clean(&text)).map_err(|_| Failure::Unreadable)
    }

    /// Reads a content of at most `largest` bytes.
    pub async fn content(&mut self, largest: usize) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        while let Some(chunk) = self.next().await {
            let chunk = chunk?;
            if bytes.len() + chunk.len() > largest {
                return Err(Failure::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    }
}

impl Stream for FormPart<'_> {
    type Item = Result<Bytes, Failure>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().parts.poll_content(context).map(Result::transpose)
    }
}

/// Returns a parameter of a header such as `form-data; name="text"`. A quotation mark and a backslash within quotation
/// marks may have a backslash before them.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let (_, mut rest) = value.split_once(';')?;
    loop {
        let (name, value) = rest.split_once('=')?;
        let value = value.trim_start();
        let (text, more) = match value.strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let (text, more) = value.split_once(';').unwrap_or((value, ""));
                (text.trim_end().to_owned(), more)
            }
        };
        if name.trim_matches([' ', '\t', ';']).eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = more;
    }
}

/// Returns the text up to the closing quotation mark, and the rest.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut characters = quoted.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Some((text, characters.as_str())),
            '\\' if characters.as_str().starts_with(['"', '\\']) => text.extend(characters.next()),
            _ => text.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests;
