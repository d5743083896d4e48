//! The faults of offers, signers, results, visits and deposits, one a folder.

use crate::faulty::PROCEDURE;

/// The fault, the file, the original text and its replacement.
pub type FaultyText = (&'static str, &'static str, &'static str, &'static str);

pub const FAULTS_OF_RESULTS: &[FaultyText] = &[
    (
        "an agency that offers alone and with others",
        PROCEDURE,
        "unit = \"van-phong\"",
        "offered_by = { agencies = [\"ubnd-xa\"] }\nunit = \"van-phong\"",
    ),
    (
        "an agency with a longer limit than the procedure",
        PROCEDURE,
        "[[fee]]",
        "[[offer]]\nagency = \"ubnd-xa\"\nlimit = \"5 working-days\"\n\n[[fee]]",
    ),
    (
        "a signer whom no number names",
        PROCEDURE,
        "[eligibility]",
        "[[signer]]\nid = \"owner\"\nname = { vi = \"Chủ\", en = \"Owner\" }\nidentity = \"depth\"\n\n[eligibility]",
    ),
    (
        "a signer for each row of no group",
        PROCEDURE,
        "[eligibility]",
        "[[signer]]\nid = \"owner\"\nname = { vi = \"Chủ\", en = \"Owner\" }\nmany = \"depth\"\nidentity = \"depth\"\n\n[eligibility]",
    ),
    ("a delivery that names no way", PROCEDURE, "[eligibility]", "[delivery]\n\n[eligibility]"),
    ("a part that is marked as unfinished", PROCEDURE, "level = 4\n", "level = 4  # TODO: a guess\n"),
    (
        "a result whose number repeats",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{serial}/GP\", valid = \"5 years\" }",
    ),
    (
        "a result that is valid for a number without a unit",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid = \"5\" }",
    ),
    (
        "a result that keeps an answer that is not there",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid_years = \"wells\", data = [\"dept\"] }",
    ),
    (
        "a result that follows what nobody issues",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid = \"5 years\", follows = [\"licence\"], from_result = { purpose = \"number\" } }",
    ),
    (
        "a result that follows a procedure which keeps none",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid = \"5 years\", follows = [\"1.000000\"], data = [\"depth\"], from_result = { purpose = \"number\", depth = \"depth\" } }",
    ),
    (
        "a result that takes an answer which the earlier result does not keep",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid = \"5 years\", follows = [\"permit\"], data = [\"depth\"], from_result = { purpose = \"number\", depth = \"dept\" } }",
    ),
    (
        "a result that takes an answer of another kind",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid = \"5 years\", follows = [\"permit\"], data = [\"depth\", \"line\"], from_result = { purpose = \"number\", line = \"depth\" } }",
    ),
    (
        "a holder who is named by a part that is not there",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", identity = \"owner.number\", valid = \"unlimited\" }",
    ),
    (
        "a holder who is identified by a name",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", identity = \"owner.name\", valid = \"unlimited\" }",
    ),
    (
        "a validity that is computed",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid_until = \"score\" }",
    ),
    (
        "a part of an answer that a result keeps",
        PROCEDURE,
        "result = { vi = \"Giấy phép\", en = \"Permit\" }",
        "result = { name = { vi = \"Giấy phép\", en = \"Permit\" }, kind = \"permit\", number = \"{dossier}\", valid = \"unlimited\", data = [\"owner.name\"] }",
    ),
    (
        "an area of an agency that no registry has",
        "organisation.toml",
        "code = \"H00.01\"\n",
        "code = \"H00.01\"\nareas = [\"25748\"]\n",
    ),
    (
        "a visit with a refusal",
        "workflows/one-stop.toml",
        "effect = \"refuse\"\n",
        "effect = \"refuse\"\nvisit = { at_most = \"10 working-days\" }\n",
    ),
    ("a fee that is kept", PROCEDURE, "amount = 50_000\n", "amount = 50_000\nkept_by = [\"returned\"]\n"),
];
