//! The people of the demonstration. All names and numbers are invented.

/// A person who can log in.
#[derive(Debug, Clone, Copy)]
pub struct SamplePerson {
    pub login: &'static str,
    pub name: &'static str,
    pub part: &'static str,
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
    SamplePerson { login, name, part: "citizen" }
}

const fn officer(login: &'static str, name: &'static str, part: &'static str) -> SamplePerson {
    SamplePerson { login, name, part }
}

pub const OFFICERS: [SamplePerson; 15] = [
    officer("lan.khdt", "Nguyễn Thị Lan", "counter, Planning and Investment"),
    officer("hung.khdt", "Trần Văn Hùng", "head of Business Registration"),
    officer("mai.khdt", "Lê Thị Mai", "specialist, Business Registration"),
    officer("son.khdt", "Phan Thanh Sơn", "specialist, Business Registration"),
    officer("dung.khdt", "Võ Anh Dũng", "director, Planning and Investment"),
    officer("hoa.tnmt", "Phạm Thị Hoa", "counter, Natural Resources"),
    officer("phuc.tnmt", "Đỗ Hồng Phúc", "head of Water Resources"),
    officer("tuan.tnmt", "Bùi Anh Tuấn", "specialist, Water Resources"),
    officer("nga.tnmt", "Đặng Thúy Nga", "appraiser, Water Resources"),
    officer("khanh.tnmt", "Hồ Quốc Khánh", "director, Natural Resources"),
    officer("thu.phucuong", "Ngô Minh Thư", "counter, Phú Cường ward"),
    officer("binh.phucuong", "Dương Văn Bình", "civil status, Phú Cường ward"),
    officer("yen.phucuong", "Lý Hải Yến", "chair, Phú Cường ward"),
    officer("kiemsoat", "Huỳnh Tấn Phát", "auditor, reads everything"),
    officer("quantri", "Mai Xuân Trường", "administrator, sees figures only"),
];

/// Returns everybody who can log in.
pub fn people() -> impl Iterator<Item = &'static SamplePerson> {
    APPLICANTS.iter().chain(&OFFICERS)
}
