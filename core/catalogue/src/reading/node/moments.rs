//! Reading moments, which authors write by the clock in Vietnam.

use super::FileTable;
use jiff::Timestamp;
use jiff::civil::DateTime;
use motcua_domain::text;
use motcua_domain::time::calendar::instant;

impl FileTable<'_> {
    /// Reads a wall-clock time in Vietnam, such as `2026-03-03 09:00`, if the key exists. A day without a time is a
    /// mistake, because its first moment would count, and an author who writes a last day means its end.
    pub fn moment(&self, key: &'static str) -> Option<Timestamp> {
        let text = self.string(key)?;
        let has_time = text.value.contains(':');
        let read: Option<DateTime> = text.value.replacen(' ', "T", 1).parse().ok().filter(|_| has_time);
        if read.is_none() {
            let written = &text.value;
            let message = text!("`{written}` không phải là thời điểm", "`{written}` is not a time");
            let help = text!(
                "hãy viết theo dạng \"2026-03-03 09:00\", giờ Việt Nam",
                "write it as \"2026-03-03 09:00\", in Vietnam",
            );
            self.mistake("bad-time", text.span, message, help);
        }
        read.map(instant)
    }
}
