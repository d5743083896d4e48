//! `motcua explain`

use crate::CommandOutcome;
use crate::language;
use motcua_catalogue::codes::{CODES, CodeMeaning};
use motcua_domain::text;

pub fn run(code: Option<&str>) -> CommandOutcome {
    let language = language::chosen();
    match code.map(|code| (code, CodeMeaning::find(code))) {
        Some((_, Some(known))) => println!("{}", known.markdown(language)),
        Some((code, None)) => {
            let told = text!(
                "không có mã `{code}`; motcua explain liệt kê mọi mã",
                "there is no code `{code}`; motcua explain lists all codes",
            );
            println!("{}", told.get(language));
            return CommandOutcome::Findings;
        }
        None => {
            for known in CODES {
                println!("{:22}{}", known.code, known.page(language).means);
            }
        }
    }
    CommandOutcome::Fine
}
