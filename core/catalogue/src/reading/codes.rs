//! The meaning of each mistake, with a page for each code.

/// The meaning of a code, and its remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeMeaning {
    pub code: &'static str,
    pub means: &'static str,
    pub remedy: &'static str,
}

macro_rules! codes {
    ($($code:literal: $means:literal, $remedy:literal;)*) => {
        /// All codes that `motcua check` prints, by name.
        pub const CODES: &[CodeMeaning] = &[$(CodeMeaning { code: $code, means: $means, remedy: $remedy }),*];
    };
}

codes! {
    "always-holds": "A condition or a rule is true whatever is answered. Either it was meant otherwise, or it need not be written.",
        "Write `true`, remove the rule, or correct the condition. The check tries all choices, yes and no, and the numbers and dates around those that you wrote; it says nothing about conditions that compute with answers, compare answers of different kinds or look into texts.";
    "asked-otherwise": "A question before the form has the id of a question of the form, but another kind or other choices.",
        "Ask it with the same kind and the same choices, or give it an id of its own. An answer to a question with the same id goes on into the form.";
    "bad-address": "An address cannot be used: of the portal, its files, a place for heads of the log or a clamd in motcua.toml, or the name of a procedure's folder, which becomes the address of its page.",
        "Name folders with small letters, digits and -. Write `base_url` as people type it, with https:// and without a slash at the end, and `listen` as an address with a port. Write `files` as a folder or as s3://bucket/prefix, and the endpoint under [s3] with https://. Write a place under [log] as a folder with a slash at the end, a file, or an address with https://. Write the clamd under [scan] as \"unix:/run/clamav/clamd.ctl\" or \"tcp:127.0.0.1:3310\".";
    "bad-alternatives": "A rule about alternatives names fewer than two, one that is always required or that nobody answers, or only fields that are hidden when the rule counts.",
        "Name at least two fields or papers under `of`, write `required = false` at each of them, and compare `when` with the conditions of `shown`.";
    "bad-bank": "The number of a bank is not the six digits that the interbank network knows it by.",
        "Look it up in the list of NAPAS and write it as \"970436\".";
    "bad-basis": "A legal basis cannot be read: it is no id with an article, a clause and a point, the id of a document has other letters than it can have, or the address of a document is none of a web page.",
        "Write the id of a document of `legal_basis`, such as \"ho-tich\", and behind # the article, clause and point: \"ho-tich#16\", \"ho-tich#16.1\" or \"ho-tich#16.1.a\". Ids have letters, digits, - and /, and addresses begin with https://.";
    "bad-bound": "A period or a time is stated without the bound that it belongs to.",
        "Write `at_most` beside `at_most_per`, and `one_per` beside `one_while`.";
    "bad-brackets": "The brackets of a fee's table leave a gap, overlap, are not in ascending order, or say no edge between two of them.",
        "Write the brackets in ascending order. A bracket begins where the one before ends: `up_to = 500` has 500 itself, and `below = 500` has not. Write `from` or `above` only if you want the check to compare the edges.";
    "bad-calendar": "The sessions of a day overlap, a session or a holiday ends before it begins, a holiday is too long, or a working day has no usable length.",
        "Write the days of a holiday, and the sessions of a day, in order, such as [\"07:30-11:30\", \"13:00-17:00\"].";
    "bad-code": "The code of an agency or a procedure has letters that it cannot have.",
        "Agencies have capitals, digits and dots (H09.12), procedures the code of the national database (1.004227).";
    "bad-csv": "A line of a registry has not as many columns as the first line, or a quotation mark is not closed.",
        "Put texts with commas in \"quotes\".";
    "bad-database": "The address of the database is of no kind that is known. It is not repeated, because it may hold a password.",
        "Write sqlite://data/motcua.db or postgres://user:password@host/name.";
    "bad-duration": "The time between two published heads of the log cannot be read, or is shorter than a minute or longer than 31 days.",
        "Write \"30m\", \"1h\" or \"24h\".";
    "bad-entry": "A line of a registry lacks its code or its name, or the code has blanks.",
        "Write a code without blanks and a name on every line.";
    "bad-expression": "A condition is not in CEL, the Common Expression Language.",
        "Write comparisons such as `depth > 30 && purpose == 'well'`: texts in single quotes, `&&` for and, `||` for or, `!` for not.";
    "bad-fee": "A fee has several rates, a case that comes after one that fits always, `marginal` without a table, or bounds beside an amount that is written.",
        "A fee has one of `amount`, `[[fee.case]]`, `[[fee.bracket]]` with `by`, and `formula`. Write several fees if several amounts are owed. `at_least` and `at_most` bound the price that a table or a formula gives for one unit.";
    "bad-helper": "A helper, a computed value that people do not see, stands where somebody should see it: alone in a section, or as the place of a message.",
        "Put helpers beside questions, and let a rule under [[check]] name a question.";
    "bad-id": "An id has letters that it cannot have, or is a word of expressions. Conditions name answers by their ids.",
        "Write small letters without diacritics, digits and _, a letter first.";
    "bad-key": "A trusted key is not a public key of minisign.",
        "Copy the second line of the .pub file that `minisign -G` wrote.";
    "bad-limit": "A time limit is not a number and a unit.",
        "Write \"4 working-hours\", \"3 working-days\" or \"30 calendar-days\".";
    "bad-offer": "A procedure says in a wrong way which agencies offer it: in no way or in several ways under `offered_by`, in the folder of one agency, by a part of the tree without agencies, with a limit of one agency that is longer than the procedure's, or by an answer that leads to no agency or to several.",
        "Write offered_by = { kind = \"commune\" }, { agencies = [\"…\"] } or { under = \"…\" } in procedures/<group>/<name>/, where the group is no agency.";
    "bad-origin": "An address to which a plugin may send requests is not an origin: scheme, host and, if it is not the scheme's own, port.",
        "Write \"https://esb.example.vn\". What leaves the province's own network is encrypted, so http:// is taken only with private = true.";
    "bad-parameter": "The values under [workflow_with] make the workflow unfit: a limit that is none, or steps that no longer fit together.",
        "Write values like those under [parameters] of the workflow's file.";
    "bad-reminder": "A reminder has no limit to remind of, is as long as the limit or longer, or is counted otherwise than the limit: one in working time, the other in calendar days.",
        "Write a limit for the step, a shorter reminder, and both in the same kind of time. A procedure may set another limit under [step_limits].";
    "bad-result": "The number, the validity or the kept answers of a result cannot be used, or the result follows nothing. A procedure that follows results which no procedure of the folder issues is a warning, because another package may issue them.",
        "Write `number` with {dossier} in it, and `valid` as \"5 years\", \"6 months\" or \"unlimited\". Name fields of the form or of a step. A renewal names the earlier result by a field with `number` under [result.from_result].";
    "bad-session": "A session of the counter is not a time, - and a later time.",
        "Write \"07:30-11:30\".";
    "bad-template": "A form to download is of a kind that is not handed out.",
        "Use a file of a kind that papers can be, such as .docx, .xlsx, .pdf, .odt or .jpeg.";
    "bad-time": "A time of a scenario cannot be read.",
        "Write \"2026-03-03 09:00\"; it is the time in Vietnam.";
    "bad-token": "The token that opens the figures of the process is so short that it could be guessed.",
        "Write a long text that nobody can guess, such as the output of `openssl rand -hex 24`.";
    "calendar-ends": "The calendar of this year, or from September on of the next one, is missing. Appointments in that year are computed once it is there.",
        "Add calendar/<year>.toml of the year that is named, with its holidays.";
    "duplicate": "Something that must be unique is there twice: an id, a code, a log-in, a choice.",
        "Give each its own.";
    "empty": "A text that must be there is empty.",
        "Write it.";
    "fee-gap": "With some answers no case of a fee fits, so that nothing is owed, or no bracket of its table has the number, so that nobody can file. Or the check cannot decide about this. It is a warning: the portal starts.",
        "Add a last case without `when`, or a bracket without an end, or limit the field by `min` and `max`.";
    "limits-exceed": "The limits of the workflow's steps together, or the limit of a part, are longer than the procedure's own, or than that of a case or of an agency. Steps that a case never begins do not count in it. A working day counts 8 hours, 7 calendar days 5 working days.",
        "Shorten steps under [step_limits], or choose a workflow with shorter ones.";
    "missing-column": "A registry lacks the column code or name.",
        "Begin the file with code,name and, if there are, name_en and parent.";
    "missing-file": "A file that must be there is not.",
        "Add it. A folder in procedures/<agency>/ needs a procedure.toml.";
    "missing-key": "A key that must be there is not.",
        "Add the line that is shown.";
    "missing-translation": "The name of the procedure is in both languages, and this text is not. Half a translation leaves people who read English alone in the middle.",
        "Write { vi = \"…\", en = \"…\" }, or leave the English out of the whole file. Legal bases may stay in Vietnamese.";
    "nested": "A group, a table or a file is inside a group or a table, or a file is asked at a step or before the form, where nobody can attach one.",
        "Put it beside the group, in a section of its own. Ask the applicant for a paper, or let an action of the step require the file of the result.";
    "nested-part": "A workflow whose steps stand in another as one part has a part itself.",
        "Put the steps of the inner part into the file.";
    "never-holds": "No answers make a condition true, or no answers keep a rule, alone or together with the rules before it: the question would never be asked, the fee never owed, or nobody could file. A case of a limit or a fee never gets its turn if the cases before it fit all answers that it fits.",
        "Look at the limits and choices of the fields that it names, and at when they are shown: a hidden field has no answer.";
    "no-component": "The component of a plugin is not in the procedure's folder.",
        "Build it and put it beside procedure.toml.";
    "no-default": "A field of this kind cannot begin with a proposal.",
        "Remove `default`.";
    "no-escalation": "A step names a role to which it is escalated once its limit has passed, and it has no limit.",
        "Give the step a limit, here or under [step_limits], or remove `escalate`.";
    "no-limit": "A field of this kind has no least or greatest value that depends on other answers.",
        "Write a rule under [[check]] instead.";
    "no-post": "A step of the workflow is for a role, or is escalated to a role, that no post of the agency and unit has, so nobody could act.",
        "Add the role to the unit's posts in organisation.toml, or choose another workflow.";
    "no-template": "A form to download is not in the folder `forms` of the procedure.",
        "Put the file there, or correct its name.";
    "no-way-on": "With some answers every action of a step is closed, or every branch of a parting, so the dossier would stand still.",
        "Add an action without a condition, or let the conditions cover all answers.";
    "nobody-holds": "A step of the workflow is for a post, or is escalated to a post, that no officer of organisation.toml holds. It is a warning: the portal starts, and dossiers wait at the step until somebody holds the post.",
        "Give an officer the post, or choose another unit.";
    "not-utf8": "A file is not text in UTF-8.",
        "Save it as UTF-8; some older editors write other encodings.";
    "out-of-range": "A number is not within its limits, or a least value is above the greatest.",
        "Write a number within the limits that are shown.";
    "overrun": "The conditions, rules and computed values of a form can take more work than one judgement may, over all rows that it allows. The message tells the heaviest of them.",
        "Allow fewer rows, ask less in each row, or put what is the same for all rows into a computed field beside the group.";
    "paper-never-required": "No answers make a paper required, although a condition is written.",
        "Correct the condition, or write required = false for a paper that may be given.";
    "person-without-post": "A step is given to an officer by name who does not hold the post that takes it. It is a warning: the portal starts, and any holder of the post takes the step.",
        "Give the officer the post in organisation.toml, or name another officer.";
    "plugin-missing": "A computed field, the choice of an action or of an officer is left to a plugin, and the procedure asks none.",
        "Add [[plugin]] with a component that computes or chooses, or write the value, the condition or the post.";
    "plugin-source": "A plugin has no source, or two.",
        "Write either builtin = \"…\" or component = \"….wasm\".";
    "plugin-unfit": "A plugin of a procedure cannot be loaded, asks for more than the portal's operator allows, rejects its settings, or does not export what the procedure leaves to it.",
        "Read the message. Build the component again, change its grant or its settings, or ask the operator to allow more under [plugins] of motcua.toml.";
    "ring": "Answers of a form rest on one another: each is shown, proposed or computed by the next, and the last by the first. So none of them ever gets an answer, or the answers never settle. Questions may require each other.",
        "Let one of the questions rest on an answer outside the ring.";
    "todo": "A comment says that a part of the file is not finished: `# TODO`, as `motcua procedure import` writes it beside a guess. It is a warning: the portal starts.",
        "Write the part as it has to be, and remove the comment.";
    "toml-syntax": "A file is not TOML at this place.",
        "Look for a missing quotation mark, bracket or = on this line or the one before. https://toml.io shows how TOML is written.";
    "too-many": "A procedure asks more plugins, or its form has more fields, than it may.",
        "Ask at most 8; one component can judge, reckon fees and compute at once.";
    "type": "An expression does not fit the answers that it names: a text is compared with a number, a whole number is reckoned with a decimal one, a choice is one that the field does not offer, a part or a function does not exist, a pattern is none, the expression cannot be evaluated for some answers, or lists within lists take more work than an evaluation may.",
        "Texts, dates and choices are written in single quotes; numbers, true and false without; double(…) makes a decimal number of a whole one.";
    "undecided": "The check cannot decide whether a condition may hold, and without it a dossier could get stuck. It is a warning: the check takes the named action, or one of the branches, for always possible. It cannot decide about conditions that compute with answers, count lists, look into texts or compare answers of different kinds.",
        "Compare single answers with numbers, texts or one another, or add an action or a branch without a condition.";
    "unknown-agency": "The folder of a procedure is not in the folder of an agency of organisation.toml, and `offered_by` is not there.",
        "Move it to procedures/<agency>/, add the agency, or write `offered_by`.";
    "unknown-column": "A registry has a column that nobody reads.",
        "Columns are code, name, name_en and parent.";
    "unknown-field": "An expression names a field that the form does not have.",
        "Write the id of a field of the form, or of the group in which the condition is.";
    "unknown-key": "A key is not known at this place, so it would do nothing.",
        "Correct it to the one that is proposed, or remove it.";
    "unknown-name": "A word is none of those that are known here: a kind, a role, a workflow, a unit, a paper, a step.",
        "Write one of the words that are listed.";
    "unknown-registry": "A field looks up a registry that is not there. Addresses, persons and organisations need `provinces` and `communes`.",
        "Add registries/<name>.csv with the columns code and name.";
    "unreadable-file": "A file is there and cannot be read, or it is larger than files here may be.",
        "Look at its permissions and its size.";
    "unsound-workflow": "A workflow could get stuck, or end while something is still open. All ways that a dossier can go are tried; the message tells the shortest that leads to the trouble. Whether conditions hold is left open, as answers are not known yet.",
        "Every step must be reached and lead to an end; branches that part must be joined, or ended with cancels = \"others\"; a step that joins branches must only wait for those that are begun.";
    "unused-parameter": "A parameter of a workflow is named by no text of its file, so its value does nothing. It is a warning: the portal starts.",
        "Write the parameter's name with $ in place of a value, such as limit = \"$review\", or remove the parameter.";
    "wrong-type": "A value is of another kind than is read here: a text instead of a number, for instance.",
        "Write what is shown: texts in quotes, numbers and true or false without, lists in [ ].";
    "wrong-year": "A day stands in the calendar of another year.",
        "Move it to the file of its own year.";
}

impl CodeMeaning {
    /// Returns the code with this name.
    pub fn find(code: &str) -> Option<&'static Self> {
        CODES.iter().find(|known| known.code == code)
    }

    /// Returns the page of the code, in Markdown.
    pub fn page(&self) -> String {
        format!("# {}\n\n{}\n\n## What to do\n\n{}\n", self.code, self.means, self.remedy)
    }
}
