//! `motcua.toml`.

use motcua_catalogue::Diagnostic;
use motcua_catalogue::mail::{MailSecurity, MailSender};
use motcua_catalogue::publishing::PublishTo;
use motcua_catalogue::settings::{ProvinceSettings, SecondFactorRule, load};
use motcua_domain::people::phone::PhoneChannel;
use motcua_domain::text::Language;
use std::path::Path;

fn read(text: &str) -> (ProvinceSettings, Vec<Diagnostic>) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("motcua.toml"), text).expect("written");
    load(folder.path())
}

#[test]
fn files_are_in_a_folder_or_in_a_bucket() {
    let (settings, told) = read("");
    assert!(told.is_empty() && settings.bucket().is_none());
    let (settings, told) = read("files = \"s3://hoso/cong/tep\"\n[s3]\nendpoint = \"https://s3.example.vn\"\n");
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(settings.bucket(), Some(("hoso", "cong/tep")));
    assert_eq!(read("files = \"s3://hoso\"").0.bucket(), Some(("hoso", "")));
}

#[test]
fn a_second_factor_is_offered_unless_the_province_requires_it() {
    assert_eq!(read("").0.staff.second_factor, SecondFactorRule::Offered);
    for rule in SecondFactorRule::ALL {
        let (settings, told) = read(&format!("[staff]\nsecond_factor = \"{}\"\n", rule.name()));
        assert!(told.is_empty(), "{told:?}");
        assert_eq!(settings.staff.second_factor, rule);
    }
    assert_eq!(read("[staff]\nsecond_factor = \"maybe\"\n").1.len(), 1);
}

#[test]
fn an_address_that_is_no_store_is_told() {
    let s3 = "files = \"s3://hoso\"\n[s3]\n";
    for text in [
        "files = \"s3://\"",
        "files = \"s3:///cong\"",
        "files = \"gs://hoso\"",
        &format!("{s3}endpoint = \"s3.example.vn\""),
        &format!("{s3}endpoint = \"http://s3.example.vn\""),
    ] {
        let told = read(text).1;
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == "bad-address"), "{text}: {told:?}");
    }
    assert!(read(&format!("{s3}endpoint = \"http://10.0.0.7:9000\"\nallow_http = true")).1.is_empty());
}

#[test]
fn heads_of_the_log_are_published_to_folders_files_and_addresses() {
    let (settings, told) = read("");
    assert!(told.is_empty() && settings.log.publish.is_empty());
    assert_eq!(settings.log.every.as_secs(), 3600);
    let places = r#"["heads/", "/srv/www/checkpoint", "https://witness.example.vn/in?key=1", "http://127.0.0.1:9/x"]"#;
    let (settings, told) = read(&format!("[log]\nevery = \"30m\"\npublish = {places}"));
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(settings.log.every.as_secs(), 1800);
    let places = settings.log.places(Path::new("/tinh"));
    let expected = [
        PublishTo::Folder("/tinh/heads/".into()),
        PublishTo::File("/srv/www/checkpoint".into()),
        PublishTo::Web("https://witness.example.vn/in?key=1".to_owned()),
        PublishTo::Web("http://127.0.0.1:9/x".to_owned()),
    ];
    assert_eq!(places, expected);
    assert_eq!(places[2].to_string(), "https://witness.example.vn", "what may be a secret is not told");
    for (text, code) in [
        ("publish = [\"\"]", "bad-address"),
        ("publish = [\"http://witness.example.vn/\"]", "bad-address"),
        ("publish = [\"http://127.0.0.1.example.vn/\"]", "bad-address"),
        ("publish = [\"https:///in\"]", "bad-address"),
        ("publish = [\"ftp://witness.example.vn\"]", "bad-address"),
        ("publish = [\"head@example.vn\"]", "bad-address"),
        ("every = \"soon\"", "bad-duration"),
        ("every = \"1s\"", "bad-duration"),
        ("every = \"1000h\"", "bad-duration"),
    ] {
        let told = read(&format!("[log]\n{text}")).1;
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == code), "{text}: {told:?}");
    }
    let many = format!("[log]\npublish = {:?}", vec!["a"; 17]);
    assert_eq!(read(&many).1.len(), 1);
}

#[test]
fn a_clamd_is_named_by_its_socket_and_none_is_asked_if_none_is_named() {
    assert_eq!(read("").0.scan.clamd, None);
    for address in ["unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310", "tcp:[::1]:3310"] {
        let (settings, told) = read(&format!("[scan]\nclamd = \"{address}\""));
        assert!(told.is_empty(), "{told:?}");
        assert_eq!(settings.scan.clamd.map(String::from), Some(address.to_owned()));
    }
    for address in
        ["", "127.0.0.1:3310", "unix:clamd.ctl", "unix:/", "tcp:3310", "tcp:host:0", "tcp:host:x", "tcp:a/b:1"]
    {
        let (settings, told) = read(&format!("[scan]\nclamd = \"{address}\""));
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == "bad-address"), "{address}: {told:?}");
        assert_eq!(settings.scan.clamd, None);
    }
}

#[test]
fn mails_are_sent_if_a_server_is_named_and_never_in_plain_text_over_a_network() {
    assert_eq!(read("").0.mail.server, None);
    let (settings, told) = read(
        "[mail]\nserver = \"smtp.example.vn\"\nuser = \"cong\"\npassword = \"very secret\"\n\
         from = \"Cổng dịch vụ công <no-reply@example.vn>\"\nquiet = { from = \"21:00\", to = \"07:00\" }\n",
    );
    assert!(told.is_empty(), "{told:?}");
    let mail = &settings.mail;
    assert_eq!((mail.security, mail.security.port()), (MailSecurity::StartTls, 587));
    let sender = mail.from.as_deref().and_then(MailSender::parse).expect("a sender");
    assert_eq!((sender.name.as_deref(), sender.address.as_str()), (Some("Cổng dịch vụ công"), "no-reply@example.vn"));
    let at = |text: &str| text.parse().expect("a time of the day");
    assert!(mail.quiet.is_some_and(|quiet| quiet.contains(at("23:00")) && !quiet.contains(at("12:00"))));
    assert!(!format!("{settings:?}").contains("very secret"));
    let local = "[mail]\nserver = \"127.0.0.1\"\nfrom = \"a@b.vn\"\nsecurity = \"none\"\n";
    assert!(read(local).1.is_empty(), "{:?}", read(local).1);
    for (text, code) in [
        ("server = \"smtp.example.vn\"", "missing-key"),
        ("server = \"smtp.example.vn:587\"\nfrom = \"a@b.vn\"", "bad-address"),
        ("server = \"smtp.example.vn\"\nfrom = \"a@b.vn\"\nsecurity = \"none\"", "bad-address"),
        ("server = \"smtp.example.vn\"\nfrom = \"a@b.vn\"\nsecurity = \"ssl\"", "unknown-name"),
        ("server = \"smtp.example.vn\"\nfrom = \"the portal\"", "bad-address"),
        ("password = \"very secret\"", "bad-address"),
        ("quiet = { from = \"9 p.m.\", to = \"07:00\" }", "bad-time"),
        ("quiet = { from = \"21:00\" }", "missing-key"),
    ] {
        let told = read(&format!("[mail]\n{text}\n")).1;
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == code), "{text}: {told:?}");
        assert!(told.iter().all(|mistake| !mistake.render(false, Language::En).contains("very secret")), "{text}");
    }
}

#[test]
fn messages_are_sent_over_a_gateway_that_is_reached_by_encryption_or_is_on_this_machine() {
    assert_eq!(read("").0.sms.gateway, None);
    let (settings, told) = read(
        "[sms]\ngateway = \"https://gateway.example.vn/messages\"\nsecret = \"whsec_dmVyeSBzZWNyZXQ=\"\n\
         channels = [\"zalo\", \"sms\"]\nquiet = { from = \"21:00\", to = \"07:00\" }\n",
    );
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(settings.sms.channels, [PhoneChannel::Zalo, PhoneChannel::Sms]);
    assert!(settings.sms.quiet.is_some() && !format!("{settings:?}").contains("dmVyeSBzZWNyZXQ"));
    let local = read("[sms]\ngateway = \"http://127.0.0.1:8181/\"\n");
    assert!(local.1.is_empty() && local.0.sms.channels == [PhoneChannel::Sms], "{:?}", local.1);
    for (text, code) in [
        ("gateway = \"http://gateway.example.vn/\"", "bad-address"),
        ("gateway = \"gateway.example.vn\"", "bad-address"),
        ("gateway = \"/var/spool/sms/\"", "bad-address"),
        ("channels = [\"viber\"]", "unknown-name"),
        ("quiet = { from = \"9 p.m.\", to = \"07:00\" }", "bad-time"),
    ] {
        let told = read(&format!("[sms]\n{text}\n")).1;
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == code), "{text}: {told:?}");
    }
}

#[test]
fn the_secret_is_not_printed() {
    let settings = read("[s3]\naccess_key = \"key\"\nsecret_key = \"very secret\"\n").0;
    assert_eq!(settings.s3.secret_key.as_ref().map(|secret| secret.0.as_str()), Some("very secret"));
    assert!(!format!("{settings:?}").contains("very secret"));
}

#[test]
fn the_address_of_a_database_is_not_printed() {
    for key in ["database", "database_migrate_url", "database_read_url"] {
        let told = read(&format!("{key} = \"mysql://root:very-secret@host/x\"\n")).1;
        let [mistake] = told.as_slice() else { panic!("{key}: {told:?}") };
        assert_eq!(mistake.code, "bad-database");
        assert!(
            !mistake.render(false, Language::En).contains("very-secret"),
            "{}",
            mistake.render(false, Language::En)
        );
    }
    let good = "database_migrate_url = \"postgres://owner:very-secret@host/x\"\n";
    let (settings, told) = read(good);
    assert!(told.is_empty() && !format!("{settings:?}").contains("very-secret"));
}

#[test]
fn suggestions_are_answered_within_fifteen_working_days_unless_the_province_says_otherwise() {
    let (settings, told) = read("");
    assert!(told.is_empty(), "{told:?}");
    assert_eq!((settings.suggestions.acknowledge_days, settings.suggestions.answer_days), (5, 15));
    let (settings, told) = read("[suggestions]\nanswer_days = 10\n");
    assert!(told.is_empty(), "{told:?}");
    assert_eq!((settings.suggestions.acknowledge_days, settings.suggestions.answer_days), (5, 10));
    assert_eq!(read("[suggestions]\nanswer_days = 0\n").1.len(), 1);
}

#[test]
fn tiles_of_a_map_come_from_one_host_over_https_and_with_the_words_of_their_source() {
    assert_eq!(read("").0.map, None);
    let good = "tiles = \"https://tiles.example.vn:8443/{z}/{x}/{y}.png?key=1\"\n\
                credit = { vi = \"© Sở\", en = \"© Office\" }";
    let (settings, told) = read(&format!("[map]\n{good}\ncentre = \"11.05, 106.67\"\n"));
    assert!(told.is_empty(), "{told:?}");
    let map = settings.map.expect("a map");
    assert_eq!((map.origin(), map.nearest()), ("https://tiles.example.vn:8443", 19));
    let here = "tiles = \"http://127.0.0.1:9/{z}/{x}/{y}\"\ncredit = { vi = \"a\", en = \"a\" }\nzoom = 12\n";
    assert_eq!(read(&format!("[map]\n{here}")).0.map.map(|map| map.nearest()), Some(12));
    for (from, to, code) in [
        ("https://", "http://", "bad-address"),
        ("tiles.example.vn:8443", "", "bad-address"),
        ("tiles.example.vn:8443", "tiles.example.vn:x", "bad-address"),
        ("tiles.example.vn:8443", "a.vn;script-src", "bad-address"),
        ("tiles.example.vn:8443", "*", "bad-address"),
        ("/{z}/", "/", "bad-address"),
        ("?key=1", "?key=a b", "bad-address"),
        ("credit", "centre = \"106.67, 11.05\"\ncredit", "bad-address"),
        ("credit", "centre = \"Thủ Dầu Một\"\ncredit", "bad-address"),
        ("credit", "zoom = 40\ncredit", "out-of-range"),
    ] {
        let told = read(&format!("[map]\n{}\n", good.replacen(from, to, 1))).1;
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == code), "{to}: {told:?}");
    }
    let without_credit = good.lines().next().expect("a line");
    let told = read(&format!("[map]\n{without_credit}\n")).1;
    assert!(matches!(told.as_slice(), [mistake] if mistake.code == "missing-key"), "{told:?}");
}

#[test]
fn sessions_quotas_and_trusted_proxies_are_read_and_what_says_nothing_is_told() {
    let (settings, told) = read("");
    assert!(told.is_empty() && settings.trusted_proxies.is_empty());
    assert_eq!((settings.sessions.idle.as_secs(), settings.sessions.end.as_secs()), (7200, 50_400));
    assert_eq!((settings.quotas.drafts, settings.quotas.messages_per_hour), (50, 20));
    let (settings, told) = read(
        "behind_proxy = true\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\", \"192.0.2.7\"]\n\
         [sessions]\nidle = \"30m\"\n[quotas]\ndrafts = 7\n",
    );
    assert!(told.is_empty(), "{told:?}");
    let proxies: Vec<String> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128", "192.0.2.7/32"]);
    assert_eq!((settings.sessions.idle.as_secs(), settings.sessions.end.as_secs()), (1800, 50_400));
    assert_eq!((settings.quotas.drafts, settings.quotas.messages_per_hour), (7, 20));
    for (text, code) in [
        ("behind_proxy = true\ntrusted_proxies = [\"10.0.0.0/40\"]", "bad-address"),
        ("trusted_proxies = [\"10.0.0.0/8\"]", "bad-address"),
        ("[sessions]\nidle = \"soon\"", "bad-duration"),
        ("[sessions]\nidle = \"15h\"", "bad-duration"),
        ("[sessions]\nidel = \"1h\"", "unknown-key"),
        ("[quotas]\nmesages_per_hour = 3", "unknown-key"),
    ] {
        let told = read(text).1;
        assert!(matches!(told.as_slice(), [mistake] if mistake.code == code), "{text}: {told:?}");
    }
}
