//! The people of the demonstration. All names and numbers are invented.

/// A person who can log in.
#[derive(Debug, Clone, Copy)]
pub struct SamplePerson {
    pub login: &'static str,
    pub name: &'static str,
    /// The part in the story, in Vietnamese and in English.
    pub part: (&'static str, &'static str),
}

pub const APPLICANTS: [SamplePerson; 10] = [
    citizen("0912345678", "Nguyễn Văn An"),
    citizen("0908111222", "Trần Thị Bích"),
    citizen("0987654321", "Lê Hoàng Cường"),
    citizen("0333444555", "Phạm Ngọc Diệp"),
    citizen("0777888999", "Đặng Quốc Đạt"),
    citizen("0355123123", "Huỳnh Thị Én"),
    citizen("0903222111", "Vũ Minh Giang"),
    citizen("0868000111", "Bùi Thanh Hà"),
    citizen("0566777888", "Đỗ Thị Hạnh"),
    citizen("0933555777", "Hồ Văn Khải"),
];

const fn citizen(login: &'static str, name: &'static str) -> SamplePerson {
    SamplePerson { login, name, part: ("người dân", "citizen") }
}

const fn officer(login: &'static str, name: &'static str, part: (&'static str, &'static str)) -> SamplePerson {
    SamplePerson { login, name, part }
}

pub const OFFICERS: [SamplePerson; 15] = [
    officer("lan.khdt", "Nguyễn Thị Lan", ("một cửa, Sở Kế hoạch và Đầu tư", "counter, Planning and Investment")),
    officer("hung.khdt", "Trần Văn Hùng", ("trưởng phòng Đăng ký kinh doanh", "head of Business Registration")),
    officer("mai.khdt", "Lê Thị Mai", ("chuyên viên, phòng Đăng ký kinh doanh", "specialist, Business Registration")),
    officer(
        "son.khdt",
        "Phan Thanh Sơn",
        ("chuyên viên, phòng Đăng ký kinh doanh", "specialist, Business Registration"),
    ),
    officer("dung.khdt", "Võ Anh Dũng", ("giám đốc, Sở Kế hoạch và Đầu tư", "director, Planning and Investment")),
    officer("hoa.tnmt", "Phạm Thị Hoa", ("một cửa, Sở Tài nguyên và Môi trường", "counter, Natural Resources")),
    officer("phuc.tnmt", "Đỗ Hồng Phúc", ("trưởng phòng Tài nguyên nước", "head of Water Resources")),
    officer("tuan.tnmt", "Bùi Anh Tuấn", ("chuyên viên, phòng Tài nguyên nước", "specialist, Water Resources")),
    officer("nga.tnmt", "Đặng Thúy Nga", ("người thẩm định, phòng Tài nguyên nước", "appraiser, Water Resources")),
    officer("khanh.tnmt", "Hồ Quốc Khánh", ("giám đốc, Sở Tài nguyên và Môi trường", "director, Natural Resources")),
    officer("thu.phucuong", "Ngô Minh Thư", ("một cửa, phường Phú Cường", "counter, Phú Cường ward")),
    officer("binh.phucuong", "Dương Văn Bình", ("tư pháp – hộ tịch, phường Phú Cường", "civil status, Phú Cường ward")),
    officer("yen.phucuong", "Lý Hải Yến", ("chủ tịch, phường Phú Cường", "chair, Phú Cường ward")),
    officer("kiemsoat", "Huỳnh Tấn Phát", ("kiểm soát, đọc được mọi thứ", "auditor, reads everything")),
    officer("quantri", "Mai Xuân Trường", ("quản trị, chỉ xem số liệu", "administrator, sees figures only")),
];

/// Returns everybody who can log in.
pub fn people() -> impl Iterator<Item = &'static SamplePerson> {
    APPLICANTS.iter().chain(&OFFICERS)
}
