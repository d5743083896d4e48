//! The address by which an app takes the secret of a second factor.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Returns the address with the secret of an officer. Apps show the issuer and the log-in beside the code.
pub fn otp_address(issuer: &str, login: &str, secret: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let (issuer, login) = (encoded(issuer), encoded(login));
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30")
}

#[cfg(test)]
mod tests {
    use super::otp_address;

    #[test]
    fn an_app_reads_the_name_of_a_province_with_blanks_and_marks() {
        let address = otp_address("Tỉnh Mẫu", "lan.khdt", "JBSW");
        assert!(address.starts_with("otpauth://totp/T%E1%BB%89nh%20M%E1%BA%ABu:lan%2Ekhdt?secret=JBSW&"), "{address}");
    }
}
