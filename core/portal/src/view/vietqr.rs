//! VietQR: the code with which a banking app fills in a transfer (EMVCo merchant QR).

use crc::{CRC_16_IBM_3740, Crc};
use image::{GrayImage, ImageFormat};
use motcua_domain::money::{BankAccount, Dong};
use qrcode::render::svg;
use qrcode::{Color, QrCode};
use std::io::Cursor;

/// CRC-16/CCITT-FALSE, which the catalogue of CRCs calls IBM-3740.
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

fn item(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.len())
}

/// Returns the text of the QR code for a transfer.
pub fn vietqr(bank: &BankAccount, amount: Dong, reference: &str) -> String {
    let account = item("00", &bank.bin) + &item("01", &bank.account);
    let merchant = item("00", "A000000727") + &item("01", &account) + &item("02", "QRIBFTTA");
    let text = item("00", "01")
        + &item("01", "12")
        + &item("38", &merchant)
        + &item("53", "704")
        + &item("54", &amount.0.to_string())
        + &item("58", "VN")
        + &item("62", &item("08", reference))
        + "6304";
    let crc = CRC.checksum(text.as_bytes());
    format!("{text}{crc:04X}")
}

/// Returns a QR code as SVG.
pub fn qr_svg(text: &str) -> String {
    match QrCode::new(text) {
        // The renderer writes an XML declaration, which does not belong inside a page.
        Ok(code) => {
            let svg = code.render::<svg::Color<'_>>().min_dimensions(180, 180).quiet_zone(true).build();
            svg.find("<svg").map_or_else(String::new, |from| svg[from..].to_owned())
        }
        Err(_) => String::new(),
    }
}

/// Pixels for each module of a QR code, on each side.
const SCALE: usize = 8;

/// The white modules around a QR code.
const QUIET: usize = 4;

/// Returns a QR code as PNG, which a phone can save and a banking app can open.
pub fn qr_png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let modules = code.width();
    let side = (modules + 2 * QUIET) * SCALE;
    let mut pixels = vec![u8::MAX; side * side];
    for (at, _) in code.to_colors().iter().enumerate().filter(|(_, color)| **color == Color::Dark) {
        let (x, y) = ((at % modules + QUIET) * SCALE, (at / modules + QUIET) * SCALE);
        for row in y..y + SCALE {
            pixels.get_mut(row * side + x..row * side + x + SCALE)?.fill(0);
        }
    }
    let length = u32::try_from(side).ok()?;
    let mut png = Cursor::new(Vec::new());
    GrayImage::from_vec(length, length, pixels)?.write_to(&mut png, ImageFormat::Png).ok()?;
    Some(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_of_a_qr_code_has_its_modules_and_a_white_border() {
        let png = qr_png("H09031811240001").expect("an image");
        let image = image::load_from_memory_with_format(&png, ImageFormat::Png).expect("a PNG").into_luma8();
        let code = QrCode::new("H09031811240001").expect("a code");
        let (colors, modules) = (code.to_colors(), code.width());
        assert_eq!(usize::try_from(image.width()).expect("small"), (modules + 2 * QUIET) * SCALE);
        let pixel = |x: usize, y: usize| {
            let at = |module: usize| u32::try_from(module * SCALE + SCALE / 2).expect("small");
            image.get_pixel(at(x), at(y)).0[0]
        };
        for (at, color) in colors.iter().enumerate() {
            assert_eq!(pixel(at % modules + QUIET, at / modules + QUIET), color.select(0, 255), "module {at}");
        }
        for at in 0..modules + 2 * QUIET {
            let end = modules + 2 * QUIET - 1;
            assert!([pixel(at, 0), pixel(0, at), pixel(at, end), pixel(end, at)].iter().all(|pixel| *pixel == 255));
        }
    }

    #[test]
    fn a_transfer_is_written_as_banks_read_it() {
        let bank = BankAccount { bin: "970436".into(), account: "0123456789".into(), holder: "KHO BAC".into() };
        let text = vietqr(&bank, Dong(50_000), "H09031811240001");
        let expected = concat!(
            "000201",
            "010212",
            "38540010A00000072701240006970436011001234567890208QRIBFTTA",
            "5303704",
            "540550000",
            "5802VN",
            "62190815H09031811240001",
            "6304"
        );
        assert_eq!(&text[..text.len() - 4], expected);
        // The check value of CRC-16/CCITT-FALSE for "123456789" is 29B1.
        assert_eq!(CRC.checksum(b"123456789"), 0x29B1);
        assert_eq!(text[text.len() - 4..], format!("{:04X}", CRC.checksum(expected.as_bytes())));
    }
}
