//! VietQR: what a banking app reads to fill in a transfer (EMVCo merchant QR).

use crc::{CRC_16_IBM_3740, Crc};
use motcua_domain::money::{BankAccount, Dong};
use qrcode::QrCode;
use qrcode::render::svg;

/// CRC-16/CCITT-FALSE, which the catalogue of CRCs calls IBM-3740.
const CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_IBM_3740);

fn item(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.len())
}

/// The text of the QR code for a transfer.
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

/// A QR code as SVG.
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

#[cfg(test)]
mod tests {
    use super::*;

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
