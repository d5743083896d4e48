//! `motcua explain`

use crate::Outcome;
use motcua_catalogue::codes::{CODES, Code};

pub fn run(code: Option<&str>) -> Outcome {
    match code.map(|code| (code, Code::find(code))) {
        Some((_, Some(known))) => println!("{}", known.page()),
        Some((code, None)) => {
            println!("there is no code `{code}`; motcua explain lists all codes");
            return Outcome::Findings;
        }
        None => {
            for known in CODES {
                println!("{:22}{}", known.code, known.means);
            }
        }
    }
    Outcome::Fine
}
