//! `motcua explain`

use crate::CommandOutcome;
use motcua_catalogue::codes::{CODES, CodeMeaning};

pub fn run(code: Option<&str>) -> CommandOutcome {
    match code.map(|code| (code, CodeMeaning::find(code))) {
        Some((_, Some(known))) => println!("{}", known.page()),
        Some((code, None)) => {
            println!("there is no code `{code}`; motcua explain lists all codes");
            return CommandOutcome::Findings;
        }
        None => {
            for known in CODES {
                println!("{:22}{}", known.code, known.means);
            }
        }
    }
    CommandOutcome::Fine
}
