//! The end of a certificate. Only this is read, because rustls checks whether a certificate is good.

use anyhow::Context as _;
use jiff::civil::{Date, date};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::path::Path;

/// The tags of DER that are read here.
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Returns the last day of the first certificate in a PEM file.
pub fn end(file: &Path) -> anyhow::Result<Date> {
    let unreadable = || told!("không đọc được chứng thư {}", "cannot read the certificate {}"; file.display());
    let certificate = CertificateDer::from_pem_file(file).map_err(anyhow::Error::msg).with_context(unreadable)?;
    not_after(&certificate).with_context(unreadable)
}

/// Takes the first element off some DER: its tag, its content, and the rest.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let bytes = rest.get(..usize::from(first & 0x7f)).filter(|bytes| bytes.len() <= 4)?;
        let length = bytes.iter().fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
        (length, rest.get(bytes.len()..)?)
    };
    Some((tag, rest.get(..length)?, rest.get(length..)?))
}

/// Returns the content of an element, if it has this tag.
fn content(der: &[u8], tag: u8) -> Option<&[u8]> {
    element(der).filter(|(found, ..)| *found == tag).map(|(_, content, _)| content)
}

fn not_after(der: &[u8]) -> Option<Date> {
    let certificate = content(der, SEQUENCE)?;
    let mut fields = content(certificate, SEQUENCE)?;
    if element(fields)?.0 == VERSION {
        fields = element(fields)?.2;
    }
    // The serial number, the algorithm and the issuer come before the validity.
    for _ in 0..3 {
        fields = element(fields)?.2;
    }
    let validity = content(fields, SEQUENCE)?;
    let (tag, end, _) = element(element(validity)?.2)?;
    let text = std::str::from_utf8(end).ok()?;
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i16>().ok();
    let (year, rest) = match tag {
        // Two digits stand for the years from 1950 to 2049.
        UTC_TIME => (number(0, 2).map(|year| if year < 50 { 2000 + year } else { 1900 + year })?, 2),
        GENERALIZED_TIME => (number(0, 4)?, 4),
        _ => return None,
    };
    let part = |at: usize| number(rest + at, rest + at + 2).and_then(|number| i8::try_from(number).ok());
    let (month, day) = (part(0)?, part(2)?);
    let known = (1..=12).contains(&month) && (1..=31).contains(&day);
    known.then(|| date(year, month, 1)).and_then(|first| first.with().day(day).build().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBczCCARmgAwIBAgIUYs6c+iQyVH9PCODqvmanVdazWi0wCgYIKoZIzj0EAwIw\n\
        DzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjYxNjExMzVaFw0yNzEyMzExNjExMzVa\n\
        MA8xDTALBgNVBAMMBHRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAQXss2m\n\
        dZnC+CHT6xyFTE/1ckJIds1EKtCsAAzuDBG/vbs3VUfYl3/MSMcsu+rDlRL2faj/\n\
        0D4DusHA3Vll23w3o1MwUTAdBgNVHQ4EFgQUlYxlqCTAz8YDikniI3TA40sYQFow\n\
        HwYDVR0jBBgwFoAUlYxlqCTAz8YDikniI3TA40sYQFowDwYDVR0TAQH/BAUwAwEB\n\
        /zAKBggqhkjOPQQDAgNIADBFAiBQ5W+xU578uM6tYplUwXUbeT6k1jxSDiU9GAgX\n\
        fmvwywIhALHMOqc9M/NShDsVlxxuDQ65fKtQEvohuCxOB/gf6sR7\n\
        -----END CERTIFICATE-----";

    #[test]
    fn the_end_of_a_certificate_is_read_and_nonsense_is_none() {
        let der = CertificateDer::from_pem_slice(PEM.as_bytes()).expect("a certificate");
        assert_eq!(not_after(&der), Some(date(2027, 12, 31)));
        for length in 0..der.len() {
            assert_eq!(not_after(&der[..length]), None, "cut off at {length}");
        }
        assert_eq!(not_after(b"\x30\x84\xff\xff\xff\xff"), None);
    }
}
