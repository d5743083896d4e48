//! Packages: their meaning, and the files that are rejected.

use crate::faulty::{BUILTIN, check, good};
use motcua_catalogue::package;
use proptest::prelude::*;

/// The change of a file in a package: another name, another content, or removal.
type Change<'a> = &'a dyn Fn(&str, Vec<u8>) -> Option<(String, Vec<u8>)>;

fn packed() -> Vec<u8> {
    let tree = good();
    let found = check(&tree);
    let declared = found.install.by_slug("ubnd-xa", "khoan-gieng").expect("declared");
    package::pack(&tree, declared).expect("packed")
}

#[test]
fn a_package_is_the_same_bytes_each_time_and_means_the_same_procedure() {
    let bytes = packed();
    assert_eq!(bytes, packed());
    let found = check(&good());
    let declared = found.install.by_slug("ubnd-xa", "khoan-gieng").expect("declared");
    let read = package::open(&bytes).expect("a package").read(&found.install.province, &BUILTIN).expect("no mistakes");
    assert_eq!(read.version, declared.version);
    assert_eq!((read.scenarios.len(), read.content.len()), (1, 2));
}

#[test]
fn a_package_with_other_files_than_its_manifest_names_is_refused() {
    use std::io::{Cursor, Read as _, Write as _};
    let rebuilt = |change: Change<'_>, more: &[(&str, &[u8])]| {
        let bytes = packed();
        let mut from = zip::ZipArchive::new(Cursor::new(&bytes)).expect("a ZIP");
        let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        for at in 0..from.len() {
            let mut entry = from.by_index(at).expect("an entry");
            let name = entry.name().expect("a name").into_owned();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("its content");
            if let Some((name, content)) = change(&name, content) {
                to.start_file(name, options).expect("an entry");
                to.write_all(&content).expect("its content");
            }
        }
        for (name, content) in more {
            to.start_file(*name, options).expect("an entry");
            to.write_all(content).expect("its content");
        }
        package::open(&to.finish().expect("a ZIP").into_inner()).map(drop)
    };
    let same = |name: &str, content: Vec<u8>| Some((name.to_owned(), content));
    assert_eq!(rebuilt(&same, &[]), Ok(()));
    let refused = |result: Result<(), package::NotAPackage>| result.expect_err("it is refused").to_string();
    let without_workflow =
        |name: &str, content: Vec<u8>| (!name.starts_with("workflows")).then(|| (name.to_owned(), content));
    assert!(refused(rebuilt(&without_workflow, &[])).contains("lacks `workflows/one-stop.toml`"));
    let other = |name: &str, mut content: Vec<u8>| {
        if name.ends_with("procedure.toml") {
            content.push(b'\n');
        }
        Some((name.to_owned(), content))
    };
    assert!(refused(rebuilt(&other, &[])).contains("its digest differs"));
    assert!(refused(rebuilt(&same, &[("../../etc/passwd", b"x")])).contains("does not name"));
    let newer = |name: &str, content: Vec<u8>| {
        let text = String::from_utf8_lossy(&content).replace("format = 1", "format = 9");
        Some((name.to_owned(), if name == "manifest.toml" { text.into_bytes() } else { content }))
    };
    assert!(refused(rebuilt(&newer, &[])).contains("newer Motcua"));
    let elsewhere = |name: &str, content: Vec<u8>| {
        let text = String::from_utf8_lossy(&content).replace("slug = \"khoan-gieng\"", "slug = \"khac\"");
        Some((name.to_owned(), if name == "manifest.toml" { text.into_bytes() } else { content }))
    };
    assert!(rebuilt(&elsewhere, &[]).is_err(), "files of another folder");
    // A bomb: a hundred megabytes of zeros, packed small.
    let bomb = vec![0; 100 << 20];
    assert_eq!(rebuilt(&same, &[("bomb", &bomb)]), Err(package::NotAPackage::TooLarge));
    assert!(matches!(package::open(b"PK\x03\x04 and no more"), Err(package::NotAPackage::Broken(_))));
}

#[test]
fn a_signature_counts_only_from_a_trusted_key_and_for_these_bytes() {
    let (ours, other) =
        (minisign::KeyPair::generate_unencrypted_keypair(), minisign::KeyPair::generate_unencrypted_keypair());
    let (ours, other) = (ours.expect("a key"), other.expect("a key"));
    let sign = |pair: &minisign::KeyPair, bytes: &[u8]| {
        minisign::sign(None, &pair.sk, std::io::Cursor::new(bytes), None, None).expect("signed").into_string()
    };
    let trusted = vec![ours.pk.to_base64()];
    let signed = sign(&ours, b"bytes");
    assert_eq!(package::signer(b"bytes", Some(&signed), &trusted), Ok(Some(trusted[0].clone())));
    assert_eq!(package::signer(b"other", Some(&signed), &trusted), Err(package::UnsignedPackage::Untrusted));
    assert_eq!(
        package::signer(b"bytes", Some(&sign(&other, b"bytes")), &trusted),
        Err(package::UnsignedPackage::Untrusted)
    );
    assert_eq!(package::signer(b"bytes", None, &trusted), Err(package::UnsignedPackage::Missing));
    assert_eq!(package::signer(b"bytes", None, &[]), Ok(None));
    assert!(matches!(package::signer(b"bytes", Some("x"), &trusted), Err(package::UnsignedPackage::Unreadable(_))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_spoiled_package_is_taken_for_the_procedure_that_it_was(
        at in any::<usize>(), value in any::<u8>(), cut in any::<Option<u16>>(),
    ) {
        let good = packed();
        let mut bytes = good.clone();
        let place = at % bytes.len();
        bytes[place] ^= value;
        if let Some(cut) = cut {
            bytes.truncate(usize::from(cut) % bytes.len().max(1));
        }
        if let Ok(opened) = package::open(&bytes) {
            // Only a file that means the same bytes is still a package.
            prop_assert_eq!(opened, package::open(&good).expect("a package"));
        }
    }
}
