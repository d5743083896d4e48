//! Forms in parts, however they are cut when they arrive.

use super::{FormParts, PartHead, parameter};
use crate::web::failure::Failure;
use crate::web::limits;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use futures::stream;
use proptest::prelude::{any, prop, prop_assert_eq, proptest};
use std::convert::Infallible;

const BOUNDARY: &str = "b";

/// A part: its name, the name of a file, its content.
type Sent = (String, Option<String>, Vec<u8>);

fn headers() -> HeaderMap {
    let kind = HeaderValue::from_static("multipart/form-data; boundary=b");
    HeaderMap::from_iter([(header::CONTENT_TYPE, kind)])
}

/// Writes parts as a browser does.
fn written(parts: &[Sent]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, file, content) in parts {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let file = file.as_ref().map(|file| format!("; filename=\"{}\"", quoted(file))).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"{file}\r\n\r\n", quoted(name));
        bytes.extend_from_slice(head.as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    bytes
}

/// Begins to read a form that arrives in chunks of these lengths, which are repeated.
fn arriving(bytes: Vec<u8>, lengths: Vec<usize>) -> FormParts {
    let mut lengths = lengths.into_iter().cycle();
    let mut rest = bytes;
    let chunks = std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let length = lengths.next().unwrap_or(1).clamp(1, rest.len());
        let later = rest.split_off(length);
        Some(Ok::<_, Infallible>(std::mem::replace(&mut rest, later)))
    });
    FormParts::of(&headers(), Body::from_stream(stream::iter(chunks))).expect("it is a form in parts")
}

async fn read(mut parts: FormParts) -> Result<Vec<Sent>, Failure> {
    let mut found = Vec::new();
    while let Some(mut part) = parts.next().await? {
        let content = part.content(usize::MAX).await?;
        let PartHead { name, file_name } = part.head;
        found.push((name, file_name, content));
    }
    Ok(found)
}

fn now<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

proptest! {
    #[test]
    fn a_form_is_read_as_it_was_written_however_it_is_cut(
        parts in prop::collection::vec(
            ("[a-z\"\\\\;= .]{1,8}", prop::option::of("[a-z\"\\\\;=. ếộ]{0,8}"), prop::collection::vec(
                prop::sample::select(b"\r\n-bx".to_vec()), 0..40,
            )),
            0..6,
        ),
        lengths in prop::collection::vec(1..20_usize, 1..5),
    ) {
        // A content cannot hold the delimiter.
        let is_possible = |content: &[u8]| {
            let line = [b"\r\n", content].concat();
            !line.windows(5).any(|bytes| bytes == b"\r\n--b")
        };
        let parts: Vec<Sent> = parts.into_iter().filter(|(_, _, content)| is_possible(content)).collect();
        let found = now(read(arriving(written(&parts), lengths))).expect("it is read");
        prop_assert_eq!(found, parts);
    }

    #[test]
    fn any_bytes_end_with_parts_or_with_a_failure(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(now(read(arriving([b"--b\r\n".as_slice(), &bytes].concat(), vec![7]))));
        drop(now(read(arriving(bytes, vec![7]))));
    }
}

#[tokio::test]
async fn a_part_that_is_not_read_is_left_out() {
    let file = |name: &str| (name.to_owned(), Some("a.pdf".to_owned()), vec![b'x'; 100_000]);
    let mut parts = arriving(written(&[file("a"), file("b"), ("c".into(), None, b"text".to_vec())]), vec![999]);
    let mut names = Vec::new();
    while let Some(part) = parts.next().await.expect("it is read") {
        names.push(part.name().to_owned());
    }
    assert_eq!(names, ["a", "b", "c"]);
}

#[tokio::test]
async fn a_form_without_its_boundary_is_refused_before_it_has_arrived() {
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(vec![b'x'; 1000]));
    let mut parts = FormParts::of(&headers(), Body::from_stream(endless)).expect("a form in parts");
    assert!(matches!(parts.next().await, Err(Failure::Unreadable)));
    assert!(parts.buffer.len() < limits::PREAMBLE + 2000);
}

#[tokio::test]
async fn the_head_of_a_part_has_an_end() {
    let begin = stream::iter([Ok::<_, Infallible>(b"--b\r\n".to_vec())]);
    let endless = futures::StreamExt::chain(begin, stream::repeat_with(|| Ok(b"x: y\r\n".repeat(100))));
    let mut parts = FormParts::of(&headers(), Body::from_stream(endless)).expect("a form in parts");
    assert!(matches!(parts.next().await, Err(Failure::TooLarge)));
    assert!(parts.buffer.len() < limits::PART_HEAD + 2000);
}

#[tokio::test]
async fn no_more_parts_texts_and_names_are_taken_than_allowed() {
    let text = |name: &str, bytes: usize| (name.to_owned(), None, vec![b'x'; bytes]);
    let texts = async |sent: Vec<Sent>| {
        let mut parts = arriving(written(&sent), vec![10_000]);
        let mut count = 0_usize;
        loop {
            match parts.next().await {
                Ok(Some(part)) => match part.text().await {
                    Ok(_) => count += 1,
                    Err(failure) => return (count, Some(failure)),
                },
                Ok(None) => return (count, None),
                Err(failure) => return (count, Some(failure)),
            }
        }
    };
    let most = vec![text("a", 0); limits::FIELDS];
    assert!(matches!(texts(most.clone()).await, (limits::FIELDS, None)));
    assert!(matches!(texts([most, vec![text("a", 0)]].concat()).await, (limits::FIELDS, Some(Failure::TooLarge))));
    assert!(matches!(texts(vec![text("a", limits::TEXTS - 1)]).await, (1, None)));
    assert!(matches!(texts(vec![text("a", limits::TEXTS)]).await, (0, Some(Failure::TooLarge))));
    assert!(matches!(texts(vec![text("a", limits::TEXTS / 8); 9]).await, (7, Some(Failure::TooLarge))));
    assert!(matches!(texts(vec![text(&"n".repeat(limits::NAME + 1), 1)]).await, (0, Some(Failure::TooLarge))));
}

#[test]
fn parameters_are_read_with_and_without_quotation_marks() {
    for (header, name, file) in [
        ("form-data; name=\"a\"", Some("a"), None),
        ("form-data; name=a; filename=b.pdf", Some("a"), Some("b.pdf")),
        ("form-data; filename=\"b;c.pdf\"; name=\"a\"", Some("a"), Some("b;c.pdf")),
        ("form-data;name = \"a\\\"b\\\\c\" ; FileName=\"\"", Some("a\"b\\c"), Some("")),
        ("form-data; filename=\"C:\\temp\\đơn.pdf\"; name=\"a\"", Some("a"), Some("C:\\temp\\đơn.pdf")),
        ("form-data; name=\"a", None, None),
        ("form-data", None, None),
        ("form-data; filename*=utf-8''a.pdf; name=a", Some("a"), None),
    ] {
        assert_eq!(parameter(header, "name").as_deref(), name, "{header}");
        assert_eq!(parameter(header, "filename").as_deref(), file, "{header}");
    }
}
