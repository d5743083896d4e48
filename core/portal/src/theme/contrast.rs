//! The contrast of the colours that style sheets draw on each other, as WCAG 2.2 measures it.

use crate::theme::chain::{ColourScheme, PlacedToken, ThemeChain};
use crate::theme::files::Unusable;
use motcua_domain::text;
use motcua_domain::text::Text;

/// A thing that is drawn on a ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Drawn {
    Text,
    /// A thing without words, such as the frame of the focus and the frame of a field.
    Mark,
}

impl Drawn {
    /// Returns the contrast that WCAG 2.2 needs at level AA.
    const fn needed(self) -> f64 {
        match self {
            Self::Text => 4.5,
            Self::Mark => 3.0,
        }
    }

    fn words(self) -> Text {
        match self {
            Self::Text => text!("chữ cần ít nhất 4,5", "text needs 4.5"),
            Self::Mark => text!("khung và dấu hiệu cần ít nhất 3", "frames and marks need 3"),
        }
    }
}

/// A colour with a ground, as a manifest names them.
struct Pair<'a> {
    drawn: Drawn,
    colour: &'a str,
    ground: &'a str,
}

/// Returns the pairs of colours in a theme and its parents that have too little contrast, and those that cannot be
/// measured. Each problem names the place of the token that the theme sets.
pub fn faint(chain: &ThemeChain) -> Result<Vec<Text>, Unusable> {
    let mut problems = Vec::new();
    for (theme, manifest) in chain.manifests.iter().enumerate() {
        let lists = [(Drawn::Text, &manifest.contrast.text), (Drawn::Mark, &manifest.contrast.marks)];
        for (drawn, line) in lists.into_iter().flat_map(|(drawn, lines)| lines.iter().map(move |line| (drawn, line))) {
            let place = chain.place(theme, line.span().start)?;
            let found = if let Some((colour, grounds)) = line.get_ref().split_once(" on ") {
                let pairs = grounds.split_whitespace().map(|ground| Pair { drawn, colour, ground });
                pairs.map(|pair| faint_pair(chain, &pair, &place)).collect::<Result<Vec<_>, Unusable>>()?.concat()
            } else {
                vec![text!(
                    "{place}: hãy viết MÀU on NỀN NỀN, bằng tên của các giá trị",
                    "{place}: write COLOUR on GROUND GROUND, with the names of tokens",
                )]
            };
            for problem in found {
                if !problems.contains(&problem) {
                    problems.push(problem);
                }
            }
        }
    }
    Ok(problems)
}

/// Returns the problems of a pair in both schemes. `place` is that of the pair.
fn faint_pair(chain: &ThemeChain, pair: &Pair<'_>, place: &str) -> Result<Vec<Text>, Unusable> {
    let mut problems = Vec::new();
    let mut measured = None;
    for scheme in chain.schemes() {
        let mut placed = Vec::new();
        for name in [pair.colour, pair.ground] {
            match chain.token(scheme, name) {
                Some(token) => placed.push(token),
                // A style sheet has another colour in the place of one that only the dark scheme has.
                None if chain.token(ColourScheme::Dark, name).is_some() => {}
                None => problems.push(text!(
                    "{place}: không có giá trị `{name}` trong [tokens]",
                    "{place}: there is no token `{name}`",
                )),
            }
        }
        let [colour, ground] = placed.as_slice() else { continue };
        let values = Some((colour.value, ground.value));
        // A dark scheme that changes neither colour tells nothing new.
        if measured == values {
            continue;
        }
        measured = values;
        problems.extend(faint_values(chain, pair, scheme, [*colour, *ground])?);
    }
    Ok(problems)
}

/// Returns the problem of a pair in a scheme, with the values of its colour and its ground.
fn faint_values(
    chain: &ThemeChain,
    pair: &Pair<'_>,
    scheme: ColourScheme,
    [colour, ground]: [PlacedToken<'_>; 2],
) -> Result<Option<Text>, Unusable> {
    let Pair { drawn, colour: on, ground: below } = pair;
    for (name, token) in [(on, colour), (below, ground)] {
        if luminance(token.value).is_none() {
            let (place, value) = (chain.place(token.theme, token.at)?, token.value);
            return Ok(Some(text!(
                "{place}: không đo được độ tương phản của `{name} = {value}`; hãy viết màu dạng #a3182b",
                "{place}: the contrast of `{name} = {value}` cannot be measured; write a colour such as #a3182b",
            )));
        }
    }
    let Some(ratio) = ratio(colour.value, ground.value).filter(|ratio| *ratio < drawn.needed()) else {
        return Ok(None);
    };
    // The theme itself comes first in the chain, and its author can change what it sets.
    let nearest = if ground.theme < colour.theme { ground } else { colour };
    let place = chain.place(nearest.theme, nearest.at)?;
    // The ratio is cut, so that one below 4.5 is never shown as 4.50.
    let en = format!("{:.2}", (ratio * 100.0).floor() / 100.0);
    let vi = en.replace('.', ",");
    let words = drawn.words();
    let (needed_vi, needed_en) = words.both();
    let (in_vi, in_en) = match scheme {
        ColourScheme::Light => ("", ""),
        ColourScheme::Dark => (" trong bảng màu tối", " in the dark scheme"),
    };
    Ok(Some(text!(
        "{place}: `{on}` trên `{below}`{in_vi} có độ tương phản {vi}, mà {needed_vi}; hãy chọn màu đậm hoặc nhạt hơn",
        "{place}: `{on}` on `{below}`{in_en} has a contrast of {en}, and {needed_en}; choose a darker or a lighter colour",
    )))
}

/// Returns the contrast of two colours, from 1 to 21.
fn ratio(one: &str, other: &str) -> Option<f64> {
    let (one, other) = (luminance(one)?, luminance(other)?);
    Some((one.max(other) + 0.05) / (one.min(other) + 0.05))
}

/// Returns the relative luminance of a colour such as `#a3182b` or `#fff`, from 0 to 1.
fn luminance(colour: &str) -> Option<f64> {
    let digits = colour.trim().strip_prefix('#')?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let size = match digits.len() {
        3 => 1,
        6 => 2,
        _ => return None,
    };
    let part = |number: usize| {
        let value = u8::from_str_radix(digits.get(number * size..(number + 1) * size)?, 16).ok()?;
        let value = f64::from(if size == 1 { value * 17 } else { value }) / 255.0;
        Some(if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) })
    };
    let (red, green, blue) = (part(0)?, part(1)?, part(2)?);
    Some(0.0722f64.mul_add(blue, 0.7152f64.mul_add(green, 0.2126 * red)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn the_contrast_is_that_of_the_web_guidelines() {
        let of = |one, other| ratio(one, other).map(|ratio| format!("{ratio:.2}"));
        assert_eq!(of("#000", "#ffffff").as_deref(), Some("21.00"));
        assert_eq!(of("#777777", "#fff").as_deref(), Some("4.48"));
        assert_eq!(of("#fff", "#767676").as_deref(), Some("4.54"));
        for other in ["red", "#ff", "#+f+f+f", "rgb(0 0 0)", "#ffffff80", ""] {
            assert_eq!(of(other, "#fff"), None, "{other}");
        }
    }

    /// Returns the token that a declaration of a rule names, as in `color: var(--color-text)`. The first one counts in
    /// `color: var(--color-bar-text, var(--color-reverse))`.
    fn named<'a>(rule: &'a str, property: &str) -> Option<&'a str> {
        let value = rule.split(';').find_map(|part| part.trim().strip_prefix(property)?.strip_prefix(": var(--"))?;
        value.split([')', ',']).next()
    }

    #[test]
    fn the_default_theme_lists_the_colours_and_grounds_that_its_style_sheet_uses() {
        let chain = ThemeChain::read(Path::new("."), "default").expect("the default theme");
        let style = String::from_utf8(chain.folders[0].1["static/style.css"].clone()).expect("a style sheet");
        let mut listed = BTreeSet::new();
        for line in &chain.manifests[0].contrast.text {
            let (colour, grounds) = line.get_ref().split_once(" on ").expect("a colour on grounds");
            listed.extend(grounds.split(' ').map(|ground| (colour, ground)));
        }
        let rules = style.split('}').filter_map(|rule| rule.rsplit_once('{')).map(|(_, rule)| rule);
        let mut used = 0;
        for rule in rules {
            let Some(colour) = named(rule, "color") else { continue };
            assert!(listed.iter().any(|(known, _)| *known == colour), "{colour} is drawn on no ground");
            if let Some(ground) = named(rule, "background") {
                used += 1;
                assert!(listed.contains(&(colour, ground)), "{colour} on {ground}");
            }
        }
        assert!(used > 8, "rules with a colour and a ground are no longer found: {used}");
        assert_eq!(faint(&chain).expect("it can be read"), Vec::<Text>::new());
    }
}
