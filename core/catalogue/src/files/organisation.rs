//! `organisation.toml`: agencies, units, posts and the officers who hold them.

use crate::province::{Officer, PlannedServices, QualityWeights};
use crate::reading::keys::{Shape, keys};
use crate::reading::node::{FileTable, Placed, did_you_mean, is_web_address, nearest};
use motcua_domain::identity;
use motcua_domain::names::{AgencyId, UnitId};
use motcua_domain::people::organisation::{Agency, Post, Role, Unit};
use motcua_domain::text;
use motcua_domain::text::Text;
use std::collections::{BTreeMap, BTreeSet};

keys! {
    /// `organisation.toml`: agencies, units, posts and officers.
    pub(crate) KEYS = "Organisation" {
        required {
            /// The name of the province.
            province: Shape::Words,
        }
        optional {
            /// The services that the whole province plans to offer online, for the public figures. Without it they are
            /// the sum of the agencies' plans.
            plan: Shape::Table(&PLAN),
            /// The weights of the groups of the quality index.
            quality: Shape::Table(&QUALITY),
            agency: Shape::Tables(&AGENCY),
            officer: Shape::Tables(&OFFICER),
        }
    }

    AGENCY = "Agency" {
        required {
            /// The name of its folder in `procedures`.
            id: Shape::Text,
            /// The code under which its dossiers are numbered, such as `H09.05`.
            code: Shape::Text,
            name: Shape::Words,
        }
        optional {
            /// The kind of agency, such as `commune`: all agencies of a kind can offer the same procedure.
            kind: Shape::Text,
            /// The agency above it, which stands before it in this file.
            parent: Shape::Text,
            /// The codes of the areas of which it is in charge, such as communes of `registries/communes.csv`.
            areas: Shape::List(&Shape::Text),
            address: Shape::Words,
            phone: Shape::Text,
            /// The hours of its counter. A table `[[offer]]` of a procedure can name other hours.
            hours: Shape::Words,
            /// The address of a web page that shows on a map where it is.
            map: Shape::Text,
            /// The services that it plans to offer online, for the public figures: `{ level_3 = 66, level_4 = 2 }`.
            plan: Shape::Table(&PLAN),
            unit: Shape::Tables(&UNIT),
        }
    }

    /// The number of services that an agency plans to offer.
    PLAN = "PlannedServices" {
        optional {
            /// The number of services at level 3.
            level_3: Shape::Integer(0, 100_000),
            /// The number of services at level 4.
            level_4: Shape::Integer(0, 100_000),
        }
    }

    /// The weights of the groups of the quality index (Decision 766/QĐ-TTg), as points of their sum.
    QUALITY = "QualityWeights" {
        optional {
            /// The weight of openness: services that are offered online, of those that are planned.
            openness: Shape::Integer(0, 100) => 18,
            /// The weight of progress: results in time, of all results.
            progress: Shape::Integer(0, 100) => 20,
            /// The weight of online service: dossiers that came online, of all received ones.
            online: Shape::Integer(0, 100) => 22,
            /// The weight of digitisation: results in the register, of all dossiers that ended with a result.
            digitisation: Shape::Integer(0, 100) => 22,
            /// The weight of satisfaction: the mean of the ratings.
            satisfaction: Shape::Integer(0, 100) => 18,
        }
    }

    UNIT = "Unit" {
        required {
            id: Shape::Text,
            name: Shape::Words,
        }
        optional {
            posts: Shape::List(&Shape::Word(|| Role::OF_POSTS.map(Role::name).to_vec())),
            /// The posts whose holders may approve their own proposals, each with the reason: `{ leader = "…" }`.
            approves_own: Shape::Map(&Shape::Text),
            /// The posts whose holders close the day of a cashier of the agency who is away. The leader, if no unit
            /// names any.
            closes_cash: Shape::List(&Shape::Word(|| Role::OF_CASH.map(Role::name).to_vec())),
        }
    }

    OFFICER = "Officer" {
        required {
            login: Shape::Text,
            name: Shape::Text,
        }
        optional {
            /// The posts as `agency/unit/role`.
            posts: Shape::List(&Shape::Text),
            /// The subjects at providers for staff (`[[login]]` of motcua.toml) by which the officer logs in, each as
            /// `provider:subject`.
            subjects: Shape::List(&Shape::Text),
            /// The citizen number of the person, by which the officer is kept from their own dossiers.
            citizen_number: Shape::Text,
            /// The mobile number of the person. An account as an applicant whose number was verified is the officer's.
            phone: Shape::Text,
            /// The e-mail address of the person. An account as an applicant that proved it is the officer's.
            email: Shape::Text,
        }
    }
}

/// The content of `organisation.toml`.
#[derive(Debug, Default)]
pub struct OrganisationFile {
    /// The name of the province.
    pub province: Text,
    pub agencies: Vec<Agency>,
    pub officers: Vec<Officer>,
    pub plans: BTreeMap<AgencyId, PlannedServices>,
    pub plan: Option<PlannedServices>,
    pub quality: QualityWeights,
}

/// Reads the tree of agencies, the officers, the plans, and the weights of the quality index.
pub fn read(root: &FileTable<'_>) -> OrganisationFile {
    let province = root.required_text("province").unwrap_or_default();
    let whole = root.table("plan").map(|table| plan(&table));
    let quality = root.table("quality").map(|table| weights(&table)).unwrap_or_default();
    let before = root.report.len();
    let mut ids = BTreeSet::new();
    let mut codes = BTreeSet::new();
    let (mut agencies, mut plans) = (Vec::new(), BTreeMap::new());
    let parents = written_parents(root);
    for table in root.tables("agency") {
        let parent = parent(&table, &ids, &parents);
        let plan = table.table("plan").map(|table| plan(&table));
        let agency = agency(&table, &mut ids, &mut codes).map(|agency| Agency { parent, ..agency });
        table.finish();
        plans.extend(agency.as_ref().map(|agency| agency.id.clone()).zip(plan));
        agencies.extend(agency);
    }
    // The posts of an agency with a mistake may be missing.
    let is_whole = root.report.len() == before;
    let (mut logins, mut named) = (BTreeSet::new(), BTreeSet::new());
    let mut officers = Vec::new();
    for table in root.tables("officer") {
        let login = table.required_string("login", "\"lan.nt\"");
        let name = table.required_string("name", "\"Nguyễn Thị Lan\"");
        let find = |post: &Placed<String>| find_post(&table, post, &agencies, is_whole);
        let posts = table.strings("posts").iter().filter_map(find).collect();
        let subjects = subjects(&table, &mut named);
        let [citizen_number, phone, email] = person(&table);
        table.finish();
        let (Some(written), Some(name)) = (login, name) else { continue };
        let login = identity::login(&written.value);
        if login.is_empty() {
            let message = text!("`login` chỉ có ký tự không nhìn thấy", "`login` has only invisible characters");
            let help = text!(
                "hãy viết chữ cái không dấu, chữ số, dấu chấm, gạch nối hoặc gạch dưới",
                "write letters without marks, digits, dots, dashes or underscores"
            );
            table.mistake("empty", written.span, message, help);
            continue;
        }
        if !logins.insert(login.clone()) {
            let message = text!("hai cán bộ cùng đăng nhập bằng `{login}`", "two officers log in as `{login}`");
            let help = text!("hãy đặt cho một người tên đăng nhập khác", "give one of them another log-in");
            table.mistake("duplicate", written.span, message, help);
        }
        officers.push(Officer { login, name: name.value, posts, subjects, citizen_number, phone, email });
    }
    OrganisationFile { province, agencies, officers, plans, plan: whole, quality }
}

/// Reads the subjects by which an officer logs in at providers. A subject is one officer's.
fn subjects(table: &FileTable<'_>, named: &mut BTreeSet<String>) -> Vec<String> {
    let is_good = |subject: &Placed<String>| {
        let written = &subject.value;
        let is_whole = written.split_once(':').is_some_and(|(provider, rest)| !provider.is_empty() && !rest.is_empty());
        if !is_whole {
            let message =
                text!("`{written}` không có nơi đăng nhập và chủ thể", "`{written}` has no provider and subject");
            let help = text!("hãy viết như \"directory:0f3c\"", "write it as \"directory:0f3c\"");
            table.mistake("bad-id", subject.span.clone(), message, help);
        } else if !named.insert(written.clone()) {
            let message = text!("hai cán bộ cùng có chủ thể `{written}`", "two officers have the subject `{written}`");
            let help = text!("hãy xóa ở một người", "remove it from one of them");
            table.mistake("duplicate", subject.span.clone(), message, help);
            return false;
        }
        is_whole
    };
    table.strings("subjects").into_iter().filter(is_good).map(|subject| subject.value).collect()
}

/// Reads the citizen number, the phone number and the e-mail address of the person who is an officer.
fn person(table: &FileTable<'_>) -> [Option<String>; 3] {
    let read = |key: &'static str, value: fn(&str) -> Option<String>, example: &str| {
        let written = table.string(key)?;
        let read = value(&written.value);
        if read.is_none() {
            let message = text!("không đọc được `{key}`", "`{key}` cannot be read");
            let help = text!("hãy viết như \"{example}\"", "write it like \"{example}\"");
            table.mistake("bad-person", written.span, message, help);
        }
        read
    };
    [
        read("citizen_number", identity::citizen_number, "074190001234"),
        read("phone", identity::mobile, "0912345678"),
        read("email", identity::email, "lan@example.vn"),
    ]
}

/// Reads the weights of the quality index.
fn weights(table: &FileTable<'_>) -> QualityWeights {
    let default = QualityWeights::default();
    let number =
        |key, default: u32| table.integer(key).and_then(|number| u32::try_from(number).ok()).unwrap_or(default);
    let weights = QualityWeights {
        openness: number("openness", default.openness),
        progress: number("progress", default.progress),
        online: number("online", default.online),
        digitisation: number("digitisation", default.digitisation),
        satisfaction: number("satisfaction", default.satisfaction),
    };
    table.finish();
    weights
}

/// Reads the plan of an agency, or of the province.
fn plan(table: &FileTable<'_>) -> PlannedServices {
    let number = |key| table.integer(key).and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    let plan = PlannedServices { level_3: number("level_3"), level_4: number("level_4") };
    table.finish();
    plan
}

fn agency(table: &FileTable<'_>, ids: &mut BTreeSet<String>, codes: &mut BTreeSet<String>) -> Option<Agency> {
    let id = table.required_string("id", "\"so-tu-phap\"");
    let code = table.required_string("code", "\"H09.12\"");
    let name = table.required_text("name");
    let kind = table.string("kind").map(|kind| kind.value);
    let areas = table.strings("areas").into_iter().map(|area| area.value).collect();
    let address = table.text("address").unwrap_or_default();
    let phone = table.string("phone").map_or_else(String::new, |phone| phone.value);
    let hours = table.text("hours");
    let map = map(table);
    let mut units = Vec::new();
    let mut posts = Vec::new();
    let agency = AgencyId(id.as_ref().map_or_else(String::new, |id| id.value.clone()));
    for unit in table.tables("unit") {
        let unit_id = unit.required_string("id", "\"mot-cua\"");
        let unit_name = unit.required_text("name");
        let roles = unit.words("posts", &Role::OF_POSTS, Role::name);
        let approves_own = approves_own(&unit, &roles);
        let closes_cash = closes_cash(&unit, &roles);
        unit.finish();
        if let (Some(unit_id), Some(name)) = (unit_id, unit_name) {
            let unit_id = UnitId(unit_id.value);
            posts.extend(roles.into_iter().map(|role| Post { agency: agency.clone(), unit: unit_id.clone(), role }));
            units.push(Unit { id: unit_id, name, approves_own, closes_cash });
        }
    }
    let (id, code, name) = (id?, code?, name?);
    unique(table, ids, &id, "id");
    unique(table, codes, &code, "code");
    if !code.value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.') || code.value.len() > 20 {
        let written = &code.value;
        let message = text!("`{written}` không phải là mã cơ quan", "`{written}` is not an agency code");
        let help = text!(
            "hãy viết chữ hoa, chữ số và dấu chấm, ví dụ \"H09.12\"",
            "write capitals, digits and dots, such as \"H09.12\""
        );
        table.mistake("bad-code", code.span, message, help);
    }
    let code = code.value;
    Some(Agency { id: agency, code, name, kind, parent: None, areas, address, phone, hours, map, units, posts })
}

/// Reads the address of the page with the map.
fn map(table: &FileTable<'_>) -> Option<String> {
    let Placed { value: map, span } = table.string("map")?;
    if !is_web_address(&map) {
        let message = text!("`{map}` không phải là địa chỉ của một trang", "`{map}` is not the address of a page");
        let help = text!(
            "hãy viết địa chỉ của trang bản đồ, có https://",
            "write the address of the page with the map, with https://"
        );
        table.mistake("bad-address", span, message, help);
    }
    Some(map)
}

/// Returns the agency above of each agency of the file, as written.
fn written_parents(root: &FileTable<'_>) -> BTreeMap<String, Option<String>> {
    let read = |table: &FileTable<'_>| {
        let parent = table.string("parent").map(|parent| parent.value);
        Some((table.string("id")?.value, parent))
    };
    root.tables("agency").iter().filter_map(read).collect()
}

/// Reads the agency above. It must stand before in the file, so that the tree has no ring.
fn parent(
    table: &FileTable<'_>,
    before: &BTreeSet<String>,
    parents: &BTreeMap<String, Option<String>>,
) -> Option<AgencyId> {
    let parent = table.string("parent")?;
    if before.contains(&parent.value) {
        return Some(AgencyId(parent.value));
    }
    if !parents.contains_key(&parent.value) {
        table.unknown_word("agency before this one", &parent, before.iter().map(String::as_str));
        return None;
    }
    let written = &parent.value;
    let own = table.string("id").map(|id| id.value);
    // A ring has at most as many agencies as the file.
    let mut ring = std::iter::successors(Some(written), |id| parents.get(*id)?.as_ref()).take(parents.len());
    let (message, help) = if own.as_ref() == Some(written) {
        (
            text!(
                "cơ quan `{written}` không thể là cấp trên của chính nó",
                "the agency `{written}` is not above itself"
            ),
            text!("hãy ghi cơ quan cấp trên, hoặc bỏ `parent`", "name the agency above it, or remove `parent`"),
        )
    } else if ring.any(|id| own.as_ref() == Some(id)) {
        (
            text!(
                "cơ quan `{written}` không thể là cấp trên, vì chính nó ở dưới cơ quan này",
                "the agency `{written}` cannot be above this one, because it is below it"
            ),
            text!("hãy bỏ `parent` ở cơ quan cao nhất", "remove `parent` of the highest agency"),
        )
    } else {
        (
            text!(
                "cơ quan cấp trên `{written}` đứng sau cơ quan này trong tệp",
                "the agency `{written}` stands after this one, and is above it"
            ),
            text!("hãy chuyển bảng [[agency]] của nó lên trước bảng này", "move its table [[agency]] before this one"),
        )
    };
    table.mistake("unknown-name", parent.span.clone(), message, help);
    None
}

/// Reads the posts whose holders may approve their own proposals, each with the reason.
fn approves_own(unit: &FileTable<'_>, roles: &[Role]) -> Vec<(Role, String)> {
    let Some(table) = unit.table("approves_own") else { return Vec::new() };
    let mut found = Vec::new();
    for (post, reason) in table.free_strings() {
        let judges = |role: &&Role| Role::OF_POSTS.iter().any(|proposer| role.judges(*proposer));
        let Some(role) = roles.iter().filter(judges).find(|role| role.name() == post.value) else {
            let written = post.value;
            let message = text!(
                "`{written}` không phải là vị trí của đơn vị duyệt đề xuất của người khác",
                "`{written}` is not a post of the unit that approves what others propose"
            );
            let help = text!(
                "hãy viết appraiser hoặc leader, nếu đơn vị có vị trí này",
                "write appraiser or leader, if the unit has this post"
            );
            table.mistake("unknown-name", post.span, message, help);
            continue;
        };
        if reason.value.trim().is_empty() {
            let written = post.value;
            let help = text!(
                "hãy viết lý do, ví dụ {written} = \"Đơn vị chỉ có một cán bộ\"",
                "write why, such as {written} = \"The unit has one officer\""
            );
            table.mistake("empty", reason.span, text!("lý do để trống", "the reason is empty"), help);
        }
        found.push((*role, reason.value));
    }
    found
}

/// Reads the posts whose holders close the day of a cashier who is away.
fn closes_cash(unit: &FileTable<'_>, roles: &[Role]) -> Vec<Role> {
    let mut found = Vec::new();
    for post in unit.strings("closes_cash") {
        let Some(role) = Role::OF_CASH.iter().find(|role| role.name() == post.value && roles.contains(role)) else {
            let written = post.value;
            let message = text!(
                "`{written}` không phải là vị trí của đơn vị có thể chốt quỹ thay",
                "`{written}` is not a post of the unit that can close the cash of others"
            );
            let help = text!(
                "hãy viết unit-head, specialist, appraiser hoặc leader, nếu đơn vị có vị trí này",
                "write unit-head, specialist, appraiser or leader, if the unit has this post"
            );
            unit.mistake("unknown-name", post.span, message, help);
            continue;
        };
        found.push(*role);
    }
    found
}

fn unique(table: &FileTable<'_>, seen: &mut BTreeSet<String>, value: &Placed<String>, what: &str) {
    if !seen.insert(value.value.clone()) {
        let written = &value.value;
        let message = text!("hai cơ quan có cùng `{what}` là `{written}`", "two agencies have the {what} `{written}`");
        let help = text!("mỗi cơ quan có giá trị riêng", "every agency has its own");
        table.mistake("duplicate", value.span.clone(), message, help);
    }
}

/// Reads `agency/unit/role`. Reports an unknown post if the agencies are whole.
fn find_post(table: &FileTable<'_>, text: &Placed<String>, agencies: &[Agency], is_whole: bool) -> Option<Post> {
    let find = |(agency, rest): (&str, &str)| {
        let (unit, role) = rest.split_once('/')?;
        let office = agencies.iter().find(|known| known.id.as_str() == agency)?;
        office.posts.iter().find(|post| post.unit.as_str() == unit && post.role.name() == role).cloned()
    };
    let found = text.value.split_once('/').and_then(find);
    if found.is_none() && is_whole {
        let (message, help) = unknown_post(&text.value, agencies);
        table.mistake("unknown-name", text.span.clone(), message, help);
    }
    found
}

/// Returns the message about a post that no unit has, and the advice. A post of another agency is never proposed,
/// because it gives other rights.
fn unknown_post(written: &str, agencies: &[Agency]) -> (Text, Text) {
    let parts: Vec<&str> = written.split('/').collect();
    let &[agency, unit, role] = parts.as_slice() else {
        return (
            text!("`{written}` không phải là vị trí", "`{written}` is not a post"),
            text!(
                "hãy viết cơ quan, đơn vị và vai trò, ví dụ \"so-tu-phap/mot-cua/counter\"",
                "write agency, unit and role, such as \"so-tu-phap/mot-cua/counter\""
            ),
        );
    };
    let Some(office) = agencies.iter().find(|known| known.id.as_str() == agency) else {
        let all: Vec<&str> = agencies.iter().map(|known| known.id.as_str()).collect();
        let all = all.join(", ");
        let message = text!("không có cơ quan nào là `{agency}`", "`{agency}` is not a known agency");
        return (message, text!("các cơ quan đã có là {all}", "known agencies are {all}"));
    };
    let units = || office.units.iter().map(|known| known.id.as_str());
    if !units().any(|known| known == unit) {
        let message =
            text!("cơ quan `{agency}` không có đơn vị `{unit}`", "the agency `{agency}` has no unit `{unit}`");
        let all = units().collect::<Vec<_>>().join(", ");
        let listed = || text!("các đơn vị của cơ quan là {all}", "the units of the agency are {all}");
        return (message, nearest(unit, units()).map_or_else(listed, did_you_mean));
    }
    let message =
        text!("đơn vị `{agency}/{unit}` không có vị trí `{role}`", "the unit `{agency}/{unit}` has no post `{role}`");
    let posts = || office.posts.iter().filter(|post| post.unit.as_str() == unit).map(|post| post.role.name());
    let all = posts().collect::<Vec<_>>().join(", ");
    if Role::OF_POSTS.iter().any(|known| known.name() == role) {
        let help = text!(
            "hãy thêm \"{role}\" vào `posts` của đơn vị, hoặc viết một vị trí của đơn vị: {all}",
            "add \"{role}\" to the `posts` of the unit, or write one of its posts: {all}"
        );
        return (message, help);
    }
    let listed = || text!("các vị trí của đơn vị là {all}", "the posts of the unit are {all}");
    (message, nearest(role, posts()).map_or_else(listed, did_you_mean))
}
