//! `motcua explain`

use crate::CommandOutcome;
use crate::language;
use motcua_catalogue::codes::{CODES, CodeMeaning};
use motcua_domain::dossier::refusal::Refusal;
use motcua_domain::text;

/// The key of scenarios whose words are the codes of refusals.
const REFUSED: &str = "refused";

pub fn run(code: Option<&str>) -> CommandOutcome {
    let language = language::chosen();
    match code.map(|code| (code, CodeMeaning::find(code))) {
        Some((_, Some(known))) => println!("{}", known.markdown(language)),
        Some((REFUSED, None)) => {
            say!("Các từ của `refused` trong tình huống thử:\n", "The words of `refused` in scenarios:\n");
            for word in Refusal::CODES {
                println!("{word}");
            }
        }
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
