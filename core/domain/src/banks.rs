//! The banks of the interbank network, by their numbers.
//!
//! The numbers are those of the list of members that NAPAS published on 5 July 2022, as Indovina Bank shows it
//! (`banks_napas_card` on indovinabank.com.vn). The names are those under which banks appear in banking apps, and some
//! names are newer than the list.

/// Number and name, by number.
const BANKS: [(&str, &str); 41] = [
    ("970400", "Saigonbank"),
    ("970403", "Sacombank"),
    ("970405", "Agribank"),
    ("970406", "DongA Bank (Vikki Bank)"),
    ("970407", "Techcombank"),
    ("970408", "GPBank"),
    ("970409", "Bac A Bank"),
    ("970412", "PVcomBank"),
    ("970414", "OceanBank (MBV)"),
    ("970415", "VietinBank"),
    ("970416", "ACB"),
    ("970418", "BIDV"),
    ("970419", "NCB"),
    ("970421", "VRB"),
    ("970422", "MB (Quân đội)"),
    ("970423", "TPBank"),
    ("970424", "Shinhan Bank"),
    ("970425", "ABBANK"),
    ("970426", "MSB"),
    ("970427", "VietABank"),
    ("970428", "Nam A Bank"),
    ("970429", "SCB"),
    ("970430", "PGBank"),
    ("970431", "Eximbank"),
    ("970432", "VPBank"),
    ("970434", "Indovina Bank"),
    ("970436", "Vietcombank"),
    ("970437", "HDBank"),
    ("970438", "BAOVIET Bank"),
    ("970439", "Public Bank Vietnam"),
    ("970440", "SeABank"),
    ("970441", "VIB"),
    ("970442", "Hong Leong Bank"),
    ("970443", "SHB"),
    ("970446", "Co-opBank"),
    ("970448", "OCB"),
    ("970449", "LPBank"),
    ("970452", "KienlongBank"),
    ("970454", "BVBank (Bản Việt)"),
    ("970457", "Woori Bank"),
    ("970458", "UOB"),
];

/// Returns the name of the bank with this number.
pub fn name(bin: &str) -> Option<&'static str> {
    BANKS.iter().find(|(known, _)| *known == bin).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_six_digits_and_one_name() {
        assert!(BANKS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(BANKS.iter().all(|(bin, _)| bin.len() == 6 && bin.bytes().all(|byte| byte.is_ascii_digit())));
        assert_eq!((name("970436"), name("970405"), name("000000")), (Some("Vietcombank"), Some("Agribank"), None));
    }
}
