//! The pictures of life events.

/// The words of life events by the picture that says them, in Vietnamese and in lower case. The first that fits counts.
const WORDS: [(&str, &[&str]); 11] = [
    ("birth", &["con nhỏ", "sinh con", "khai sinh", "trẻ em"]),
    ("marriage", &["kết hôn", "hôn nhân", "cưới"]),
    ("death", &["qua đời", "khai tử", "mai táng"]),
    ("housing", &["nhà ở", "đất đai", "xây dựng"]),
    ("business", &["kinh doanh", "doanh nghiệp", "công ty", "cửa hàng"]),
    ("work", &["việc làm", "hành nghề", "lao động", "nghỉ hưu"]),
    ("industry", &["đầu tư", "sản xuất"]),
    ("health", &["sức khỏe", "sức khoẻ", "an sinh", "y tế", "bảo hiểm", "khuyết tật"]),
    ("school", &["học tập", "đi học", "giáo dục", "du học"]),
    ("traffic", &["giao thông", "lái xe", "phương tiện"]),
    ("papers", &["giấy tờ", "cư trú", "căn cước", "hộ tịch", "hộ chiếu"]),
];

/// The picture of all other life events.
const OTHER: &str = "other";

/// Returns the word for the picture of a life event, by its Vietnamese words.
pub fn event_icon(words: &str) -> &'static str {
    let words = words.to_lowercase();
    let found = WORDS.iter().find(|(_, all)| all.iter().any(|word| words.contains(word)));
    found.map_or(OTHER, |(icon, _)| icon)
}

/// Returns the words for all pictures.
pub fn event_icons() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(icon, _)| *icon).chain([OTHER])
}

#[cfg(test)]
mod tests {
    use super::{event_icon, event_icons};

    #[test]
    fn a_life_event_has_the_picture_of_its_words() {
        for (words, icon) in [
            ("Có con nhỏ", "birth"),
            ("Kết hôn", "marriage"),
            ("Người thân qua đời", "death"),
            ("Nhà ở, đất đai", "housing"),
            ("Khởi sự kinh doanh", "business"),
            ("Đầu tư, sản xuất", "industry"),
            ("Sức khỏe, an sinh", "health"),
            ("GIAO THÔNG", "traffic"),
            ("Lễ hội", "other"),
        ] {
            assert_eq!(event_icon(words), icon, "{words}");
            assert!(event_icons().any(|known| known == icon), "{icon}");
        }
    }
}
