//! XML with a digital signature, as other systems of the state write it.

use super::Flaw;
use quick_xml::events::Event;
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;

/// The namespace of signatures in XML.
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Namespaces whose elements a browser executes.
const ACTIVE: [&str; 2] = ["http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"];

/// The greatest depth of an element.
const DEEPEST: usize = 200;

/// Judges XML: checks that it is complete, names no style sheet and no entities, and has a signature. The officer's
/// program checks whether the signature is valid.
pub fn inspect(content: &[u8]) -> Result<(), Flaw> {
    let text = std::str::from_utf8(content).map_err(|_| Flaw::Broken)?;
    let mut reader = NsReader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let (mut depth, mut signed) = (0_usize, false);
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| Flaw::Broken)?;
        let opens = match event {
            Event::Start(start) => Some((start, 1)),
            Event::Empty(start) => Some((start, 0)),
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                None
            }
            Event::DocType(_) | Event::PI(_) => return Err(Flaw::Active),
            Event::Eof => break,
            _ => None,
        };
        let Some((start, deeper)) = opens else { continue };
        if let ResolveResult::Bound(Namespace(name)) = namespace {
            if ACTIVE.contains(&name) {
                return Err(Flaw::Active);
            }
            signed |= name == SIGNATURE && start.local_name().as_ref() == "Signature";
        }
        depth += deeper;
        if depth > DEEPEST {
            return Err(Flaw::Broken);
        }
    }
    match (depth, signed) {
        (1.., _) => Err(Flaw::CutOff),
        (0, true) => Ok(()),
        (0, false) => Err(Flaw::Unsigned),
    }
}

#[cfg(test)]
mod tests {
    use crate::inspect::{Flaw, inspect};
    use motcua_domain::procedure::MediaKind;

    fn signed(inside: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><HoSo>{inside}<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\
             <ds:SignedInfo/></ds:Signature></HoSo>"
        )
    }

    #[test]
    fn signed_xml_is_taken_and_unsigned_xml_is_told() {
        assert_eq!(inspect(signed("<Ten>An</Ten>").as_bytes()), Ok(MediaKind::Xml));
        assert_eq!(inspect(format!("\u{feff}{}", signed("")).as_bytes()), Ok(MediaKind::Xml));
        assert_eq!(inspect(b"<?xml version=\"1.0\"?><HoSo><Signature/></HoSo>"), Err(Flaw::Unsigned));
    }

    #[test]
    fn xml_that_a_browser_carries_out_is_told() {
        let page = "<b:script xmlns:b=\"http://www.w3.org/1999/xhtml\">alert(1)</b:script>";
        assert_eq!(inspect(signed(page).as_bytes()), Err(Flaw::Active));
        assert_eq!(inspect(signed("<?xml-stylesheet href=\"x.xsl\"?>").as_bytes()), Err(Flaw::Active));
        let entities = signed("").replace("<HoSo>", "<!DOCTYPE x [<!ENTITY a \"b\">]><HoSo>");
        assert_eq!(inspect(entities.as_bytes()), Err(Flaw::Active));
    }

    #[test]
    fn xml_that_was_cut_off_or_is_too_deep_is_told() {
        let whole = signed("<Ten>An</Ten>");
        assert_eq!(inspect(&whole.as_bytes()[..whole.len() - 7]), Err(Flaw::CutOff));
        assert_eq!(inspect(signed(&"<a>".repeat(300)).as_bytes()), Err(Flaw::Broken));
    }
}
