//! Helpers that the tests of forms share.

use crate::form::judge::{JudgeFacts, Judged, judge};
use crate::form::kinds::{CitizenNumber, FieldKind};
use crate::form::{Field, Form, Section};
use crate::registry::{Registries, Registry, RegistryEntry};
use crate::text::Text;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};

pub fn field(id: &str, kind: FieldKind) -> Field {
    Field::new(id, Text::new(id, id), kind)
}

pub fn form(fields: Vec<Field>) -> Form {
    let section = Section { id: "one".into(), title: Text::vi("Một"), help: None, fields };
    Form { sections: vec![section], checks: vec![] }
}

pub fn registries() -> Registries {
    let entry = |code: &str, name: &str, parent: Option<&str>| RegistryEntry {
        code: code.into(),
        name: Text::vi(name),
        parent: parent.map(str::to_owned),
        former: Vec::new(),
    };
    let provinces = Registry::new(vec![entry("74", "Bình Dương", None), entry("79", "Hồ Chí Minh", None)]);
    let communes = Registry::new(vec![entry("25747", "Phú Cường", Some("74")), entry("26734", "Bến Nghé", Some("79"))]);
    Registries([("provinces".to_owned(), provinces.into()), ("communes".to_owned(), communes.into())].into())
}

pub fn judge_map(form: &Form, typed: &Map<String, Json>) -> Judged {
    let registries = registries();
    judge(form, typed, JudgeFacts { now: Timestamp::UNIX_EPOCH, registries: &registries, files: &[], computed: None })
}

pub fn judge_json(form: &Form, typed: Json) -> Judged {
    judge_map(form, typed.as_object().expect("an object"))
}

pub fn citizen_number(birth: Option<&str>, sex: Option<&str>) -> FieldKind {
    FieldKind::CitizenNumber(CitizenNumber { birth: birth.map(str::to_owned), sex: sex.map(str::to_owned) })
}

pub fn codes(judged: &Judged) -> Vec<(&str, &str)> {
    judged.findings.iter().map(|found| (found.path.as_str(), found.code.as_str())).collect()
}
