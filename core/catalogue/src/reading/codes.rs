//! The meaning of each mistake, with a page for each code in both languages.

use motcua_domain::text::Language;

/// The meaning of a code, and its remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeMeaning {
    pub code: &'static str,
    vi: CodePage,
    en: CodePage,
}

/// The page of a code in one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePage {
    pub means: &'static str,
    pub remedy: &'static str,
}

macro_rules! codes {
    ($($code:literal: vi $means_vi:literal, $remedy_vi:literal; en $means:literal, $remedy:literal;)*) => {
        /// All codes that `motcua check` prints, by name.
        pub const CODES: &[CodeMeaning] = &[$(
            CodeMeaning {
                code: $code,
                vi: CodePage { means: $means_vi, remedy: $remedy_vi },
                en: CodePage { means: $means, remedy: $remedy },
            },
        )*];
    };
}

codes! {
    "always-holds":
        vi "Một điều kiện hoặc quy tắc luôn đúng, dù người ta trả lời thế nào, chẳng hạn vì `min` của trường đã bảo đảm điều đó. Có thể bạn muốn viết điều kiện khác, hoặc không cần viết điều kiện này.",
            "Hãy viết `true`, bỏ quy tắc, hoặc sửa điều kiện. Việc kiểm tra thử mọi lựa chọn, có và không, cùng các số và ngày quanh những số và ngày bạn đã viết; nó không kết luận về điều kiện tính toán với số không có giới hạn hẹp, so sánh câu trả lời khác loại hoặc xét nội dung chuỗi.";
        en "A condition or a rule is true whatever is answered, for example because `min` of a field ensures it. Either it was meant otherwise, or it need not be written.",
            "Write `true`, remove the rule, or correct the condition. The check tries all choices, yes and no, and the numbers and dates around those that you wrote; it says nothing about conditions that compute with numbers without narrow limits, compare answers of different kinds or look into texts.";
    "asked-otherwise":
        vi "Một câu hỏi trước biểu mẫu có mã trùng với một câu hỏi trong biểu mẫu, nhưng khác loại hoặc khác các lựa chọn.",
            "Hãy hỏi với cùng loại và cùng các lựa chọn, hoặc đặt cho nó mã riêng. Câu trả lời cho câu hỏi trùng mã được chuyển tiếp vào biểu mẫu.";
        en "A question before the form has the id of a question of the form, but another kind or other choices.",
            "Ask it with the same kind and the same choices, or give it an id of its own. An answer to a question with the same id goes on into the form.";
    "bad-address":
        vi "Không dùng được một địa chỉ: địa chỉ của cổng, của tệp, nơi công bố các đầu nhật ký, clamd, máy chủ thư hoặc các ô bản đồ trong motcua.toml, bản đồ của một cơ quan trong organisation.toml, hoặc tên thư mục của thủ tục, vốn trở thành địa chỉ trang của thủ tục.",
            "Hãy đặt tên thư mục bằng chữ thường không dấu, chữ số và -. Viết `base_url` như người dân gõ, có https:// và không có dấu gạch chéo ở cuối, còn `listen` là địa chỉ kèm cổng. Viết `files` là một thư mục hoặc s3://bucket/prefix, và endpoint dưới [s3] có https://. Viết nơi công bố dưới [log] là thư mục có dấu gạch chéo ở cuối, một tệp, hoặc địa chỉ có https://. Viết clamd dưới [scan] là \"unix:/run/clamav/clamd.ctl\" hoặc \"tcp:127.0.0.1:3310\". Viết máy chủ dưới [mail] chỉ bằng tên máy, `from` là \"Tên <name@example.vn>\", và security = \"none\" chỉ cho localhost. Viết `tiles` dưới [map] có https://, {z}, {x} và {y}, và `centre` là vĩ độ rồi kinh độ. Viết `map` của một cơ quan có https://.";
        en "An address cannot be used: of the portal, its files, a place for heads of the log, a clamd, the mail server or the tiles of the map in motcua.toml, the map of an agency in organisation.toml, or the name of a procedure's folder, which becomes the address of its page.",
            "Name folders with small letters, digits and -. Write `base_url` as people type it, with https:// and without a slash at the end, and `listen` as an address with a port. Write `files` as a folder or as s3://bucket/prefix, and the endpoint under [s3] with https://. Write a place under [log] as a folder with a slash at the end, a file, or an address with https://. Write the clamd under [scan] as \"unix:/run/clamav/clamd.ctl\" or \"tcp:127.0.0.1:3310\". Write the server under [mail] as a host name alone, `from` as \"Name <name@example.vn>\", and security = \"none\" only for localhost. Write `tiles` under [map] with https://, {z}, {x} and {y}, and `centre` as the latitude, then the longitude. Write the `map` of an agency with https://.";
    "bad-alternatives":
        vi "Một quy tắc về các phương án thay thế nêu ít hơn hai phương án, nêu phương án luôn bắt buộc hoặc không ai trả lời, hoặc chỉ nêu các trường bị ẩn khi quy tắc có hiệu lực.",
            "Hãy nêu ít nhất hai trường hoặc giấy tờ trong `of`, viết `required = false` ở từng mục, và đối chiếu `when` với các điều kiện `shown`.";
        en "A rule about alternatives names fewer than two, one that is always required or that nobody answers, or only fields that are hidden when the rule counts.",
            "Name at least two fields or papers under `of`, write `required = false` at each of them, and compare `when` with the conditions of `shown`.";
    "bad-bank":
        vi "Mã ngân hàng không phải là sáu chữ số mà mạng liên ngân hàng dùng để nhận biết.",
            "Hãy tra trong danh sách của NAPAS và viết, chẳng hạn \"970436\".";
        en "The number of a bank is not the six digits that the interbank network knows it by.",
            "Look it up in the list of NAPAS and write it as \"970436\".";
    "bad-basis":
        vi "Không đọc được một căn cứ pháp lý: nó không phải là mã kèm điều, khoản và điểm, mã văn bản có ký tự không dùng được, hoặc địa chỉ văn bản không phải là địa chỉ trang web.",
            "Hãy viết mã của một văn bản trong `legal_basis`, chẳng hạn \"ho-tich\", rồi sau dấu # là điều, khoản và điểm: \"ho-tich#16\", \"ho-tich#16.1\" hoặc \"ho-tich#16.1.a\". Mã gồm chữ cái, chữ số, - và /, còn địa chỉ bắt đầu bằng https://.";
        en "A legal basis cannot be read: it is no id with an article, a clause and a point, the id of a document has other letters than it can have, or the address of a document is none of a web page.",
            "Write the id of a document of `legal_basis`, such as \"ho-tich\", and behind # the article, clause and point: \"ho-tich#16\", \"ho-tich#16.1\" or \"ho-tich#16.1.a\". Ids have letters, digits, - and /, and addresses begin with https://.";
    "bad-bound":
        vi "Một khoảng thời gian hoặc thời điểm được nêu mà thiếu giới hạn đi kèm, hoặc `one_per` nêu cả một khối, một nhóm hay các tệp, mà hai hồ sơ hầu như không bao giờ giống nhau.",
            "Hãy viết `at_most` bên cạnh `at_most_per`, và `one_per` bên cạnh `one_while`. Hãy nêu một câu trả lời đơn trong `one_per`, hoặc một phần như `owner.number`.";
        en "A period or a time is stated without the bound that it belongs to, or `one_per` names a whole block, a group or files, which two dossiers hardly ever have in common.",
            "Write `at_most` beside `at_most_per`, and `one_per` beside `one_while`. Name a single answer in `one_per`, or a part such as `owner.number`.";
    "bad-brackets":
        vi "Các bậc trong biểu phí có khoảng trống, chồng lên nhau, không theo thứ tự tăng dần, hoặc không nêu mốc giữa hai bậc.",
            "Hãy viết các bậc theo thứ tự tăng dần. Một bậc bắt đầu từ chỗ bậc trước kết thúc: `up_to = 500` gồm cả 500, còn `below = 500` thì không. Chỉ viết `from` hoặc `above` nếu bạn muốn việc kiểm tra đối chiếu các mốc.";
        en "The brackets of a fee's table leave a gap, overlap, are not in ascending order, or say no edge between two of them.",
            "Write the brackets in ascending order. A bracket begins where the one before ends: `up_to = 500` has 500 itself, and `below = 500` has not. Write `from` or `above` only if you want the check to compare the edges.";
    "bad-calendar":
        vi "Các buổi làm việc trong ngày chồng lên nhau, một buổi hoặc kỳ nghỉ kết thúc trước khi bắt đầu, kỳ nghỉ quá dài, hai kỳ nghỉ trùng ngày, ngày làm bù là ngày nghỉ, hoặc ngày làm việc có độ dài không dùng được.",
            "Hãy viết các ngày của kỳ nghỉ và các buổi trong ngày theo thứ tự, chẳng hạn [\"07:30-11:30\", \"13:00-17:00\"].";
        en "The sessions of a day overlap, a session or a holiday ends before it begins, a holiday is too long, two holidays share a day, a compensatory day is a holiday, or a working day has no usable length.",
            "Write the days of a holiday, and the sessions of a day, in order, such as [\"07:30-11:30\", \"13:00-17:00\"].";
    "bad-code":
        vi "Mã của cơ quan hoặc thủ tục có ký tự không dùng được.",
            "Mã cơ quan gồm chữ hoa, chữ số và dấu chấm (H09.12), mã thủ tục là mã trong Cơ sở dữ liệu quốc gia (1.004227).";
        en "The code of an agency or a procedure has letters that it cannot have.",
            "Agencies have capitals, digits and dots (H09.12), procedures the code of the national database (1.004227).";
    "bad-csv":
        vi "Một dòng của danh mục không có đủ số cột như dòng đầu, hoặc dấu nháy kép chưa được đóng.",
            "Hãy đặt chuỗi có dấu phẩy trong \"dấu nháy kép\".";
        en "A line of a registry has not as many columns as the first line, or a quotation mark is not closed.",
            "Put texts with commas in \"quotes\".";
    "bad-database":
        vi "Địa chỉ cơ sở dữ liệu không thuộc loại nào đã biết. Địa chỉ không được in lại, vì nó có thể chứa mật khẩu.",
            "Hãy viết sqlite://data/motcua.db hoặc postgres://user:password@host/name.";
        en "The address of the database is of no kind that is known. It is not repeated, because it may hold a password.",
            "Write sqlite://data/motcua.db or postgres://user:password@host/name.";
    "bad-duration":
        vi "Không đọc được khoảng thời gian giữa hai lần công bố đầu nhật ký hoặc `idle`, `end` dưới [sessions], hoặc nó ngắn hơn một phút hay dài hơn 31 ngày, hoặc `idle` dài hơn `end`.",
            "Hãy viết \"30m\", \"1h\" hoặc \"24h\", và `idle` không dài hơn `end`.";
        en "The time between two published heads of the log, or `idle` or `end` of [sessions], cannot be read, or is shorter than a minute or longer than 31 days, or `idle` is longer than `end`.",
            "Write \"30m\", \"1h\" or \"24h\", and an `idle` that is no longer than `end`.";
    "bad-entry":
        vi "Một dòng của danh mục thiếu mã hoặc tên, hoặc mã có khoảng trắng.",
            "Hãy viết mã không có khoảng trắng và tên ở mỗi dòng.";
        en "A line of a registry lacks its code or its name, or the code has blanks.",
            "Write a code without blanks and a name on every line.";
    "bad-expression":
        vi "Một điều kiện không viết bằng CEL, ngôn ngữ biểu thức chung (Common Expression Language).",
            "Hãy viết các phép so sánh như `depth > 30 && purpose == 'well'`: chuỗi trong dấu nháy đơn, `&&` là và, `||` là hoặc, `!` là không.";
        en "A condition is not in CEL, the Common Expression Language.",
            "Write comparisons such as `depth > 30 && purpose == 'well'`: texts in single quotes, `&&` for and, `||` for or, `!` for not.";
    "bad-fee":
        vi "Một khoản phí có nhiều mức, có trường hợp đứng sau trường hợp luôn đúng, có `marginal` mà không có biểu bậc, có giới hạn bên cạnh số tiền đã viết sẵn, hoặc có `kept_by` mà không phải tiền ký quỹ.",
            "Một khoản phí có một trong các phần `amount`, `[[fee.case]]`, `[[fee.bracket]]` kèm `by`, và `formula`. Hãy viết nhiều khoản phí nếu phải nộp nhiều số tiền. `at_least` và `at_most` giới hạn giá mà biểu bậc hoặc công thức tính cho một đơn vị.";
        en "A fee has several rates, a case that comes after one that fits always, `marginal` without a table, bounds beside an amount that is written, or `kept_by` without being a deposit.",
            "A fee has one of `amount`, `[[fee.case]]`, `[[fee.bracket]]` with `by`, and `formula`. Write several fees if several amounts are owed. `at_least` and `at_most` bound the price that a table or a formula gives for one unit.";
    "bad-helper":
        vi "Một trường phụ trợ, tức giá trị tính ra mà người dân không thấy, đứng ở chỗ phải có người nhìn thấy: một mình trong một phần, hoặc làm nơi hiện thông báo.",
            "Hãy đặt trường phụ trợ bên cạnh các câu hỏi, và để quy tắc dưới [[check]] nêu một câu hỏi.";
        en "A helper, a computed value that people do not see, stands where somebody should see it: alone in a section, or as the place of a message.",
            "Put helpers beside questions, and let a rule under [[check]] name a question.";
    "bad-id":
        vi "Một mã có ký tự không dùng được, hoặc trùng với từ của biểu thức. Các điều kiện gọi câu trả lời bằng mã của chúng.",
            "Hãy viết chữ thường không dấu, chữ số và _, bắt đầu bằng chữ cái.";
        en "An id has letters that it cannot have, or is a word of expressions. Conditions name answers by their ids.",
            "Write small letters without diacritics, digits and _, a letter first.";
    "bad-key":
        vi "Một khóa được tin cậy không phải là khóa công khai của minisign.",
            "Hãy chép dòng thứ hai của tệp .pub mà `minisign -G` đã ghi.";
        en "A trusted key is not a public key of minisign.",
            "Copy the second line of the .pub file that `minisign -G` wrote.";
    "bad-limit":
        vi "Một thời hạn không gồm một số và một đơn vị.",
            "Hãy viết \"4 working-hours\", \"3 working-days\" hoặc \"30 calendar-days\".";
        en "A time limit is not a number and a unit.",
            "Write \"4 working-hours\", \"3 working-days\" or \"30 calendar-days\".";
    "bad-login":
        vi "Một nơi đăng nhập dưới [[login]] đòi mức định danh mà không mức nào của nó đạt.",
            "Hãy nêu dưới [[login.level]] mức của nơi đó, hoặc hạ `least_level`.";
        en "A provider under [[login]] demands an assurance level that none of its levels reaches.",
            "Name the level of the provider under [[login.level]], or lower `least_level`.";
    "bad-offer":
        vi "Một thủ tục nêu sai cơ quan cung cấp: `offered_by` không nêu theo cách nào hoặc nêu theo nhiều cách, thủ tục nằm trong thư mục của một cơ quan, nêu phần của cây không có cơ quan, một cơ quan có thời hạn dài hơn thời hạn của thủ tục hay có danh sách phí trống, hoặc câu trả lời không dẫn tới cơ quan nào hay dẫn tới nhiều cơ quan.",
            "Hãy viết offered_by = { kind = \"commune\" }, { agencies = [\"…\"] } hoặc { under = \"…\" } trong procedures/<group>/<name>/, trong đó group không phải là cơ quan.";
        en "A procedure says in a wrong way which agencies offer it: in no way or in several ways under `offered_by`, in the folder of one agency, by a part of the tree without agencies, with a limit of one agency that is longer than the procedure's or an empty list of its fees, or by an answer that leads to no agency or to several.",
            "Write offered_by = { kind = \"commune\" }, { agencies = [\"…\"] } or { under = \"…\" } in procedures/<group>/<name>/, where the group is no agency.";
    "bad-origin":
        vi "Một địa chỉ mà thành phần bổ sung được gửi yêu cầu tới không phải là nguồn gốc: giao thức, máy chủ và cổng, nếu cổng không phải là cổng mặc định.",
            "Hãy viết \"https://esb.example.vn\". Dữ liệu ra khỏi mạng riêng của tỉnh phải được mã hóa, nên http:// chỉ được chấp nhận khi có private = true.";
        en "An address to which a plugin may send requests is not an origin: scheme, host and, if it is not the scheme's own, port.",
            "Write \"https://esb.example.vn\". What leaves the province's own network is encrypted, so http:// is taken only with private = true.";
    "bad-parameter":
        vi "Các giá trị dưới [workflow_with] làm quy trình không dùng được: một thời hạn không hợp lệ, hoặc các bước không còn khớp với nhau.",
            "Hãy viết các giá trị giống như dưới [parameters] trong tệp quy trình.";
        en "The values under [workflow_with] make the workflow unfit: a limit that is none, or steps that no longer fit together.",
            "Write values like those under [parameters] of the workflow's file.";
    "bad-person":
        vi "Số căn cước công dân, số điện thoại hoặc địa chỉ thư của một cán bộ trong organisation.toml không đọc được.",
            "Hãy viết số căn cước công dân gồm 12 chữ số, số điện thoại di động và địa chỉ thư đầy đủ.";
        en "The citizen number, the phone number or the e-mail address of an officer in organisation.toml cannot be read.",
            "Write a citizen number of 12 digits, a mobile number, and a whole e-mail address.";
    "bad-reminder":
        vi "Một lời nhắc không có thời hạn để nhắc, dài bằng hoặc dài hơn thời hạn, hoặc tính khác với thời hạn: một bên theo giờ làm việc, bên kia theo ngày lịch.",
            "Hãy viết thời hạn cho bước, lời nhắc ngắn hơn, và cả hai theo cùng một loại thời gian. Thủ tục có thể đặt thời hạn khác dưới [step_limits].";
        en "A reminder has no limit to remind of, is as long as the limit or longer, or is counted otherwise than the limit: one in working time, the other in calendar days.",
            "Write a limit for the step, a shorter reminder, and both in the same kind of time. A procedure may set another limit under [step_limits].";
    "bad-result":
        vi "Không dùng được số, thời hạn hiệu lực hoặc các câu trả lời được lưu của một kết quả, hoặc kết quả không nối tiếp gì. Thủ tục nối tiếp kết quả mà không thủ tục nào trong thư mục cấp là một cảnh báo, vì gói khác có thể cấp kết quả đó.",
            "Hãy viết `number` có {dossier}, và `valid` là \"5 years\", \"6 months\" hoặc \"unlimited\". Nêu các trường của biểu mẫu hoặc của một bước. Thủ tục gia hạn nêu kết quả trước bằng một trường có `number` dưới [result.from_result].";
        en "The number, the validity or the kept answers of a result cannot be used, or the result follows nothing. A procedure that follows results which no procedure of the folder issues is a warning, because another package may issue them.",
            "Write `number` with {dossier} in it, and `valid` as \"5 years\", \"6 months\" or \"unlimited\". Name fields of the form or of a step. A renewal names the earlier result by a field with `number` under [result.from_result].";
    "bad-session":
        vi "Một buổi làm việc của bộ phận một cửa không phải là một giờ, dấu - và một giờ muộn hơn.",
            "Hãy viết \"07:30-11:30\".";
        en "A session of the counter is not a time, - and a later time.",
            "Write \"07:30-11:30\".";
    "bad-signer":
        vi "Câu trả lời chỉ ra một người phải cùng ký không phải là số định danh cá nhân hoặc mã số thuế, hoặc có ở nhiều dòng.",
            "Hãy nêu trong `identity` một trường loại citizen-number hoặc tax-code. Nếu trường ở trong một nhóm, hãy nêu nhóm đó trong `many`, chẳng hạn many = \"members\" và identity = \"members.citizen_number\".";
        en "The answer that names a person who signs too is no citizen number and no tax code, or is in several rows.",
            "Name a field of the kind citizen-number or tax-code under `identity`. If it is in a group, name the group under `many`, such as many = \"members\" and identity = \"members.citizen_number\".";
    "bad-template":
        vi "Một mẫu đơn để tải về thuộc loại tệp không được phát.",
            "Hãy dùng loại tệp mà giấy tờ được phép có, chẳng hạn .docx, .xlsx, .pdf, .odt hoặc .jpeg.";
        en "A form to download is of a kind that is not handed out.",
            "Use a file of a kind that papers can be, such as .docx, .xlsx, .pdf, .odt or .jpeg.";
    "bad-time":
        vi "Không đọc được một thời điểm trong tình huống thử, `opens` hay `closes` của thủ tục, hoặc các giờ yên tĩnh của [mail] trong motcua.toml.",
            "Hãy viết \"2026-03-03 09:00\" trong tình huống thử và thủ tục, và \"21:00\" trong motcua.toml; đó là giờ Việt Nam.";
        en "A time of a scenario, `opens` or `closes` of a procedure, or the quiet hours of [mail] in motcua.toml, cannot be read.",
            "Write \"2026-03-03 09:00\" in a scenario and in a procedure, and \"21:00\" in motcua.toml; it is the time in Vietnam.";
    "bad-token":
        vi "Mã mở số liệu của tiến trình quá ngắn nên có thể bị đoán ra.",
            "Hãy viết một chuỗi dài không ai đoán được, chẳng hạn kết quả của `openssl rand -hex 24`.";
        en "The token that opens the figures of the process is so short that it could be guessed.",
            "Write a long text that nobody can guess, such as the output of `openssl rand -hex 24`.";
    "bad-visit":
        vi "Một lịch hẹn kiểm tra thực địa được đặt ở thao tác không thể hẹn: thao tác có tác dụng khác `advance`, thao tác theo thời gian, hoặc thao tác của người nộp. Hoặc giới hạn của nó không còn khoảng thời gian nào, thao tác hủy hẹn lại có giới hạn, quy trình hủy hẹn mà không đặt lịch hẹn nào, lịch hẹn có thể muộn hơn thời hạn của thủ tục, hoặc địa điểm là câu trả lời không nêu địa điểm.",
            "Hãy đặt lịch hẹn ở thao tác của cán bộ có `effect = \"advance\"`, thao tác đó có thể dẫn về chính bước ấy. Viết `at_least` ngắn hơn `at_most`, `place` là một địa chỉ hoặc chuỗi của biểu mẫu, và viết riêng `visit = { calls_off = true }` khi hủy hẹn.";
        en "An appointment on the spot stands at an action that cannot make one: an action with another effect than `advance`, an action by time, or an action of the applicant. Or its bounds leave no time, an action that calls it off has bounds, a workflow calls visits off and makes none, a visit may lie after the limit of the procedure, or its place is an answer that is no place.",
            "Let the visit stand at an action of an officer with `effect = \"advance\"`, which may lead to the same step again. Write `at_least` shorter than `at_most`, a `place` that is an address or a text of the form, and `visit = { calls_off = true }` alone.";
    "calendar-ends":
        vi "Thiếu lịch của năm nay, hoặc từ tháng Chín là lịch của năm sau. Hạn trả kết quả trong năm đó được tính khi đã có lịch.",
            "Hãy thêm calendar/<year>.toml của năm được nêu, với các ngày nghỉ lễ.";
        en "The calendar of this year, or from September on of the next one, is missing. Appointments in that year are computed once it is there.",
            "Add calendar/<year>.toml of the year that is named, with its holidays.";
    "duplicate":
        vi "Một mục phải là duy nhất lại có hai lần: mã, mã số, tên đăng nhập, lựa chọn.",
            "Hãy đặt riêng cho từng mục.";
        en "Something that must be unique is there twice: an id, a code, a log-in, a choice.",
            "Give each its own.";
    "empty":
        vi "Một chuỗi bắt buộc lại để trống.",
            "Hãy viết nội dung.";
        en "A text that must be there is empty.",
            "Write it.";
    "fee-gap":
        vi "Với một số câu trả lời, không trường hợp nào của khoản phí phù hợp hoặc số dùng để tính phí không được trả lời nên không phải nộp gì, hoặc không bậc nào trong biểu phí chứa số đó nên không ai nộp được hồ sơ. Cũng có thể việc kiểm tra không kết luận được. Đây là cảnh báo: cổng vẫn khởi động.",
            "Hãy thêm trường hợp cuối không có `when`, hoặc một bậc không có điểm cuối, hoặc giới hạn trường bằng `min` và `max`, hoặc bắt buộc trả lời trường đó khi phải nộp phí.";
        en "With some answers no case of a fee fits, or the number that it is charged by is not answered, so that nothing is owed, or no bracket of its table has the number, so that nobody can file. Or the check cannot decide about this. It is a warning: the portal starts.",
            "Add a last case without `when`, or a bracket without an end, or limit the field by `min` and `max`, or require the field while the fee is owed.";
    "limits-exceed":
        vi "Tổng thời hạn các bước của quy trình, hoặc thời hạn của một phần, dài hơn thời hạn của thủ tục, của một trường hợp hoặc của một cơ quan. Các bước mà một trường hợp không bao giờ bắt đầu thì không tính vào trường hợp đó. Một ngày làm việc tính là 8 giờ, 7 ngày lịch tính là 5 ngày làm việc.",
            "Hãy rút ngắn các bước dưới [step_limits], hoặc chọn quy trình có các bước ngắn hơn.";
        en "The limits of the workflow's steps together, or the limit of a part, are longer than the procedure's own, or than that of a case or of an agency. Steps that a case never begins do not count in it. A working day counts 8 hours, 7 calendar days 5 working days.",
            "Shorten steps under [step_limits], or choose a workflow with shorter ones.";
    "missing-column":
        vi "Một danh mục thiếu cột code hoặc name.",
            "Hãy bắt đầu tệp bằng code,name và, nếu có, name_en, parent và former.";
        en "A registry lacks the column code or name.",
            "Begin the file with code,name and, if there are, name_en, parent and former.";
    "missing-file":
        vi "Thiếu một tệp bắt buộc.",
            "Hãy thêm tệp. Thư mục trong procedures/<agency>/ phải có procedure.toml.";
        en "A file that must be there is not.",
            "Add it. A folder in procedures/<agency>/ needs a procedure.toml.";
    "missing-key":
        vi "Thiếu một khóa bắt buộc.",
            "Hãy thêm dòng được nêu.";
        en "A key that must be there is not.",
            "Add the line that is shown.";
    "missing-translation":
        vi "Tên thủ tục có cả hai ngôn ngữ, còn chuỗi này thì không. Bản dịch dở dang bỏ rơi người chỉ đọc tiếng Anh ở giữa chừng.",
            "Hãy viết { vi = \"…\", en = \"…\" }, hoặc bỏ tiếng Anh trong cả tệp. Căn cứ pháp lý có thể chỉ bằng tiếng Việt.";
        en "The name of the procedure is in both languages, and this text is not. Half a translation leaves people who read English alone in the middle.",
            "Write { vi = \"…\", en = \"…\" }, or leave the English out of the whole file. Legal bases may stay in Vietnamese.";
    "nested":
        vi "Một nhóm, bảng hoặc tệp nằm trong nhóm hoặc bảng, hoặc tệp được hỏi ở một bước hay trước biểu mẫu, nơi không ai đính kèm được.",
            "Hãy đặt nó bên cạnh nhóm, trong một phần riêng. Yêu cầu người nộp một giấy tờ, hoặc để một thao tác của bước yêu cầu tệp kết quả.";
        en "A group, a table or a file is inside a group or a table, or a file is asked at a step or before the form, where nobody can attach one.",
            "Put it beside the group, in a section of its own. Ask the applicant for a paper, or let an action of the step require the file of the result.";
    "nested-part":
        vi "Một quy trình có các bước đứng trong quy trình khác như một phần lại tự có một phần, hoặc là một phần của chính nó.",
            "Hãy đưa các bước của phần bên trong vào tệp.";
        en "A workflow whose steps stand in another as one part has a part itself, or is a part of itself.",
            "Put the steps of the inner part into the file.";
    "never-holds":
        vi "Không câu trả lời nào làm một điều kiện đúng, hoặc không câu trả lời nào thỏa mãn một quy tắc, riêng nó hoặc cùng với các quy tắc trước đó và giới hạn của các trường: câu hỏi không bao giờ được hỏi, khoản phí không bao giờ phải nộp, hoặc không ai nộp được hồ sơ. Một trường hợp của thời hạn hoặc phí không bao giờ đến lượt nếu các trường hợp trước đã khớp với mọi câu trả lời mà nó khớp. Một thao tác không bao giờ thực hiện được nếu nó đọc câu trả lời mà cán bộ chỉ điền ở bước sau.",
            "Hãy xem giới hạn và lựa chọn của các trường mà nó nêu, và khi nào các trường được hiện: trường bị ẩn không có câu trả lời.";
        en "No answers make a condition true, or no answers keep a rule, alone or together with the rules before it and the limits of fields: the question would never be asked, the fee never owed, or nobody could file. A case of a limit or a fee never gets its turn if the cases before it fit all answers that it fits. An action is never possible if it reads an answer that officers fill in only at a later step.",
            "Look at the limits and choices of the fields that it names, and at when they are shown: a hidden field has no answer.";
    "no-component":
        vi "Tệp .wasm của một thành phần bổ sung không có trong thư mục của thủ tục.",
            "Hãy dựng nó và đặt bên cạnh procedure.toml.";
        en "The component of a plugin is not in the procedure's folder.",
            "Build it and put it beside procedure.toml.";
    "no-default":
        vi "Trường thuộc loại này không thể có giá trị đề xuất ban đầu.",
            "Hãy bỏ `default` hoặc `from_account`.";
        en "A field of this kind cannot begin with a proposal.",
            "Remove `default` or `from_account`.";
    "no-escalation":
        vi "Một bước nêu vai trò của cấp trên được báo khi quá thời hạn, nhưng bước không có thời hạn.",
            "Hãy đặt thời hạn cho bước, ở đây hoặc dưới [step_limits], hoặc xóa `escalate`.";
        en "A step names a role to which it is escalated once its limit has passed, and it has no limit.",
            "Give the step a limit, here or under [step_limits], or remove `escalate`.";
    "no-limit":
        vi "Trường thuộc loại này không có giá trị nhỏ nhất hay lớn nhất phụ thuộc vào các câu trả lời khác.",
            "Hãy viết một quy tắc dưới [[check]] thay cho nó.";
        en "A field of this kind has no least or greatest value that depends on other answers.",
            "Write a rule under [[check]] instead.";
    "no-post":
        vi "Một bước của quy trình giao cho một vai trò, hoặc được báo cấp trên giữ một vai trò, mà không vị trí nào của cơ quan và đơn vị đó có, nên không ai xử lý được.",
            "Hãy thêm vai trò vào các vị trí của đơn vị trong organisation.toml, hoặc chọn quy trình khác.";
        en "A step of the workflow is for a role, or is escalated to a role, that no post of the agency and unit has, so nobody could act.",
            "Add the role to the unit's posts in organisation.toml, or choose another workflow.";
    "no-template":
        vi "Một mẫu đơn để tải về không có trong thư mục `forms` của thủ tục.",
            "Hãy đặt tệp vào đó, hoặc sửa tên tệp.";
        en "A form to download is not in the folder `forms` of the procedure.",
            "Put the file there, or correct its name.";
    "no-way-on":
        vi "Với một số câu trả lời, mọi thao tác của một bước đều bị khóa, hoặc mọi nhánh của một chỗ rẽ đều bị khóa, nên hồ sơ sẽ đứng yên.",
            "Hãy thêm một thao tác không có điều kiện, hoặc để các điều kiện bao hết mọi câu trả lời. Việc kiểm tra biết điều kiện của các thao tác dẫn đến bước, nếu chúng so sánh từng câu trả lời, nhưng không biết điều mà việc bổ sung tại bước hoặc một nhánh song song có thể thay đổi.";
        en "With some answers every action of a step is closed, or every branch of a parting, so the dossier would stand still.",
            "Add an action without a condition, or let the conditions cover all answers. The check knows the conditions of the actions that lead to the step, if they compare single answers, and not what a supplement at the step or a parallel branch may change.";
    "nobody-holds":
        vi "Một bước của quy trình giao cho một vị trí, hoặc được báo cấp trên giữ một vị trí, mà không cán bộ nào trong organisation.toml giữ. Đây là cảnh báo: cổng vẫn khởi động, và hồ sơ chờ ở bước cho đến khi có người giữ vị trí.",
            "Hãy trao vị trí cho một cán bộ, hoặc chọn đơn vị khác.";
        en "A step of the workflow is for a post, or is escalated to a post, that no officer of organisation.toml holds. It is a warning: the portal starts, and dossiers wait at the step until somebody holds the post.",
            "Give an officer the post, or choose another unit.";
    "not-utf8":
        vi "Một tệp không phải là văn bản UTF-8.",
            "Hãy lưu tệp ở dạng UTF-8; một số trình soạn thảo cũ ghi theo bảng mã khác.";
        en "A file is not text in UTF-8.",
            "Save it as UTF-8; some older editors write other encodings.";
    "out-of-range":
        vi "Một số nằm ngoài giới hạn, giá trị nhỏ nhất lớn hơn giá trị lớn nhất, hoặc giá trị mặc định không phải là một lựa chọn của trường.",
            "Hãy viết một số trong giới hạn được nêu, hoặc một lựa chọn của trường.";
        en "A number is not within its limits, a least value is above the greatest, or a default is none of the field's choices.",
            "Write a number within the limits that are shown, or one of the choices.";
    "overrun":
        vi "Các điều kiện, quy tắc và giá trị tự tính của biểu mẫu có thể tốn nhiều công hơn mức một lần xét cho phép, tính trên mọi hàng mà biểu mẫu chấp nhận. Thông báo nêu phần nặng nhất.",
            "Hãy cho phép ít hàng hơn, hỏi ít hơn trong mỗi hàng, hoặc đưa phần giống nhau của mọi hàng vào một trường tự tính bên cạnh nhóm.";
        en "The conditions, rules and computed values of a form can take more work than one judgement may, over all rows that it allows. The message tells the heaviest of them.",
            "Allow fewer rows, ask less in each row, or put what is the same for all rows into a computed field beside the group.";
    "paper-never-required":
        vi "Không câu trả lời nào làm giấy tờ trở thành bắt buộc, dù đã viết điều kiện.",
            "Hãy sửa điều kiện, hoặc viết required = false cho giấy tờ không bắt buộc.";
        en "No answers make a paper required, although a condition is written.",
            "Correct the condition, or write required = false for a paper that may be given.";
    "person-without-post":
        vi "Một bước được giao đích danh cho một cán bộ không giữ vị trí nhận bước đó. Đây là cảnh báo: cổng vẫn khởi động, và bất kỳ người nào giữ vị trí đều nhận bước.",
            "Hãy trao vị trí cho cán bộ trong organisation.toml, hoặc nêu cán bộ khác.";
        en "A step is given to an officer by name who does not hold the post that takes it. It is a warning: the portal starts, and any holder of the post takes the step.",
            "Give the officer the post in organisation.toml, or name another officer.";
    "plugin-missing":
        vi "Một trường tự tính, việc chọn thao tác hoặc chọn cán bộ được giao cho thành phần bổ sung, nhưng thủ tục không gọi thành phần nào.",
            "Hãy thêm [[plugin]] với một thành phần biết tính hoặc chọn, hoặc viết giá trị, điều kiện hay vị trí.";
        en "A computed field, the choice of an action or of an officer is left to a plugin, and the procedure asks none.",
            "Add [[plugin]] with a component that computes or chooses, or write the value, the condition or the post.";
    "plugin-source":
        vi "Một thành phần bổ sung không có nguồn, hoặc có hai nguồn.",
            "Hãy viết builtin = \"…\" hoặc component = \"….wasm\".";
        en "A plugin has no source, or two.",
            "Write either builtin = \"…\" or component = \"….wasm\".";
    "plugin-unfit":
        vi "Một thành phần bổ sung của thủ tục không nạp được, đòi nhiều hơn mức đơn vị vận hành cổng cho phép, không chấp nhận thiết lập của nó, hoặc không có phần mà thủ tục giao cho nó.",
            "Hãy đọc thông báo. Dựng lại thành phần, đổi quyền hoặc thiết lập của nó, hoặc đề nghị đơn vị vận hành cho phép nhiều hơn dưới [plugins] trong motcua.toml.";
        en "A plugin of a procedure cannot be loaded, asks for more than the portal's operator allows, rejects its settings, or does not export what the procedure leaves to it.",
            "Read the message. Build the component again, change its grant or its settings, or ask the operator to allow more under [plugins] of motcua.toml.";
    "ring":
        vi "Các câu trả lời của biểu mẫu phụ thuộc vòng tròn: mỗi câu được hiện, đề xuất hoặc tính theo câu sau, và câu cuối theo câu đầu. Vì vậy không câu nào có câu trả lời, hoặc các câu trả lời không bao giờ ổn định. Các câu hỏi có thể đòi hỏi lẫn nhau.",
            "Hãy để một trong các câu hỏi phụ thuộc vào câu trả lời ngoài vòng.";
        en "Answers of a form rest on one another: each is shown, proposed or computed by the next, and the last by the first. So none of them ever gets an answer, or the answers never settle. Questions may require each other.",
            "Let one of the questions rest on an answer outside the ring.";
    "todo":
        vi "Một chú thích cho biết phần này của tệp chưa viết xong: `# TODO`, như `motcua procedure import` ghi bên cạnh chỗ đoán. Đây là cảnh báo: cổng vẫn khởi động.",
            "Hãy viết phần đó cho đúng, rồi xóa chú thích.";
        en "A comment says that a part of the file is not finished: `# TODO`, as `motcua procedure import` writes it beside a guess. It is a warning: the portal starts.",
            "Write the part as it has to be, and remove the comment.";
    "toml-syntax":
        vi "Tệp không phải là TOML ở chỗ này.",
            "Hãy tìm dấu nháy, dấu ngoặc hoặc dấu = bị thiếu ở dòng này hoặc dòng trước. https://toml.io hướng dẫn cách viết TOML.";
        en "A file is not TOML at this place.",
            "Look for a missing quotation mark, bracket or = on this line or the one before. https://toml.io shows how TOML is written.";
    "too-many":
        vi "Một thủ tục gọi nhiều thành phần bổ sung hơn, hoặc biểu mẫu của nó có nhiều trường hơn, mức cho phép.",
            "Hãy gọi nhiều nhất 8 thành phần; một thành phần có thể vừa xét, vừa tính phí và tính giá trị.";
        en "A procedure asks more plugins, or its form has more fields, than it may.",
            "Ask at most 8; one component can judge, reckon fees and compute at once.";
    "type":
        vi "Một biểu thức không khớp với các câu trả lời mà nó nêu: chuỗi được so sánh với số, số nguyên được tính cùng số thập phân, lựa chọn không có trong trường, một phần hoặc hàm không tồn tại, mẫu so khớp không hợp lệ, biểu thức không tính được với một số câu trả lời, hoặc danh sách lồng trong danh sách tốn nhiều công hơn mức một lần tính cho phép.",
            "Chuỗi, ngày và lựa chọn viết trong dấu nháy đơn; số, true và false viết không có dấu nháy; double(…) đổi số nguyên thành số thập phân.";
        en "An expression does not fit the answers that it names: a text is compared with a number, a whole number is reckoned with a decimal one, a choice is one that the field does not offer, a part or a function does not exist, a pattern is none, the expression cannot be evaluated for some answers, or lists within lists take more work than an evaluation may.",
            "Texts, dates and choices are written in single quotes; numbers, true and false without; double(…) makes a decimal number of a whole one.";
    "undecided":
        vi "Việc kiểm tra không kết luận được một điều kiện có thể đúng hay không, và nếu nó không đúng thì hồ sơ có thể mắc kẹt. Đây là cảnh báo: việc kiểm tra coi thao tác được nêu, hoặc một trong các nhánh, là luôn mở. Nó không kết luận được về điều kiện tính toán với câu trả lời, đếm danh sách, xét nội dung chuỗi hoặc so sánh câu trả lời khác loại.",
            "Hãy so sánh từng câu trả lời với số, chuỗi hoặc với nhau, hoặc thêm một thao tác hay một nhánh không có điều kiện.";
        en "The check cannot decide whether a condition may hold, and without it a dossier could get stuck. It is a warning: the check takes the named action, or one of the branches, for always possible. It cannot decide about conditions that compute with answers, count lists, look into texts or compare answers of different kinds.",
            "Compare single answers with numbers, texts or one another, or add an action or a branch without a condition.";
    "unknown-agency":
        vi "Thư mục của thủ tục không nằm trong thư mục của cơ quan nào trong organisation.toml, và không có `offered_by`.",
            "Hãy chuyển nó tới procedures/<agency>/, thêm cơ quan, hoặc viết `offered_by`.";
        en "The folder of a procedure is not in the folder of an agency of organisation.toml, and `offered_by` is not there.",
            "Move it to procedures/<agency>/, add the agency, or write `offered_by`.";
    "unknown-column":
        vi "Một danh mục có cột không ai đọc.",
            "Các cột là code, name, name_en, parent và former.";
        en "A registry has a column that nobody reads.",
            "Columns are code, name, name_en, parent and former.";
    "unknown-field":
        vi "Một biểu thức nêu trường mà biểu mẫu không có.",
            "Hãy viết mã của một trường trong biểu mẫu, hoặc trong nhóm chứa điều kiện.";
        en "An expression names a field that the form does not have.",
            "Write the id of a field of the form, or of the group in which the condition is.";
    "unknown-key":
        vi "Một khóa không được biết ở chỗ này, nên nó sẽ không có tác dụng.",
            "Hãy sửa thành khóa được đề xuất, hoặc xóa nó.";
        en "A key is not known at this place, so it would do nothing.",
            "Correct it to the one that is proposed, or remove it.";
    "unknown-name":
        vi "Một từ không thuộc các từ được biết ở đây: loại, vai trò, quy trình, đơn vị, giấy tờ, bước.",
            "Hãy viết một trong các từ được liệt kê. motcua explain refused liệt kê các từ của `refused`.";
        en "A word is none of those that are known here: a kind, a role, a workflow, a unit, a paper, a step.",
            "Write one of the words that are listed. motcua explain refused lists the words of `refused`.";
    "unknown-registry":
        vi "Một trường tra cứu danh mục không tồn tại. Địa chỉ, người và tổ chức cần `provinces` và `communes`.",
            "Hãy thêm registries/<name>.csv với các cột code và name.";
        en "A field looks up a registry that is not there. Addresses, persons and organisations need `provinces` and `communes`.",
            "Add registries/<name>.csv with the columns code and name.";
    "unreadable-file":
        vi "Một tệp có đó nhưng không đọc được, hoặc lớn hơn mức cho phép ở đây.",
            "Hãy xem quyền truy cập và kích thước của tệp.";
        en "A file is there and cannot be read, or it is larger than files here may be.",
            "Look at its permissions and its size.";
    "unsound-workflow":
        vi "Một quy trình có thể mắc kẹt, hoặc kết thúc khi vẫn còn phần đang mở. Mọi đường đi của hồ sơ đều được thử; thông báo nêu đường ngắn nhất dẫn tới sự cố. Các điều kiện được coi là có thể đúng hoặc sai, vì chưa biết câu trả lời.",
            "Mọi bước phải tới được và dẫn tới kết thúc; các nhánh tách ra phải được gộp lại, hoặc kết thúc bằng cancels = \"others\"; bước gộp các nhánh chỉ được chờ những nhánh đã bắt đầu.";
        en "A workflow could get stuck, or end while something is still open. All ways that a dossier can go are tried; the message tells the shortest that leads to the trouble. Whether conditions hold is left open, as answers are not known yet.",
            "Every step must be reached and lead to an end; branches that part must be joined, or ended with cancels = \"others\"; a step that joins branches must only wait for those that are begun.";
    "unused-parameter":
        vi "Không chuỗi nào trong tệp dùng một tham số của quy trình, nên giá trị của nó không có tác dụng. Đây là cảnh báo: cổng vẫn khởi động.",
            "Hãy viết tên tham số với $ thay cho giá trị, chẳng hạn limit = \"$review\", hoặc xóa tham số.";
        en "A parameter of a workflow is named by no text of its file, so its value does nothing. It is a warning: the portal starts.",
            "Write the parameter's name with $ in place of a value, such as limit = \"$review\", or remove the parameter.";
    "wrong-type":
        vi "Một giá trị khác loại với loại được đọc ở đây: chẳng hạn chuỗi thay cho số.",
            "Hãy viết như được nêu: chuỗi trong dấu nháy, số và true hoặc false không có dấu nháy, danh sách trong [ ].";
        en "A value is of another kind than is read here: a text instead of a number, for instance.",
            "Write what is shown: texts in quotes, numbers and true or false without, lists in [ ].";
    "wrong-year":
        vi "Một ngày nằm trong lịch của năm khác.",
            "Hãy chuyển nó sang tệp của đúng năm.";
        en "A day stands in the calendar of another year.",
            "Move it to the file of its own year.";
}

impl CodeMeaning {
    /// Returns the code with this name.
    pub fn find(code: &str) -> Option<&'static Self> {
        CODES.iter().find(|known| known.code == code)
    }

    /// Returns the page of the code in a language.
    pub const fn page(&self, language: Language) -> &CodePage {
        match language {
            Language::Vi => &self.vi,
            Language::En => &self.en,
        }
    }

    /// Returns the page of the code in a language, in Markdown.
    pub fn markdown(&self, language: Language) -> String {
        let CodePage { means, remedy } = self.page(language);
        let what_to_do = match language {
            Language::Vi => "Cách sửa",
            Language::En => "What to do",
        };
        format!("# {}\n\n{means}\n\n## {what_to_do}\n\n{remedy}\n", self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters that only Vietnamese has.
    const MARKED: &str = "ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư";

    #[test]
    fn every_code_is_explained_in_vietnamese_and_in_english() {
        for known in CODES {
            let (vi, en) = (known.page(Language::Vi), known.page(Language::En));
            for (vi, en) in [(vi.means, en.means), (vi.remedy, en.remedy)] {
                assert!(vi.contains(|letter| MARKED.contains(letter)), "{}: {vi}", known.code);
                assert!(!en.contains(|letter| MARKED.contains(letter)), "{}: {en}", known.code);
            }
            assert!(known.markdown(Language::Vi).contains("\n## Cách sửa\n"), "{}", known.code);
        }
    }
}
