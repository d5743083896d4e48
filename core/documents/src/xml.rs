//! Text within XML, which SVG is.

/// Returns a text as it stands in an element or an attribute of XML. Markdown and templates have functions of their own.
pub use quick_xml::escape::escape as escaped;
