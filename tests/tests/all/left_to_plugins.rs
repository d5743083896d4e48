//! Tasks that a procedure leaves to its plugins and that none of them does. They are reported before anybody waits for
//! them.

use crate::command_line::{path, said};
use motcua::runtime::ProvinceFolder;
use motcua_service::{Error, InputRule, NotInstalled};
use motcua_tests::flow::{Office, PROCEDURE, workflow};
use motcua_tests::portal::Kind;
use motcua_tests::process::motcua;

on_both_kinds! {
    what_is_left_to_plugins_and_no_plugin_does_is_told_by_check_and_not_installed
}

const LEFT: &str = r#"
[[section.field]]
id = "total"
label = "Tổng"
kind = "computed"
from = "plugin"
"#;

async fn what_is_left_to_plugins_and_no_plugin_does_is_told_by_check_and_not_installed(kind: Kind) {
    let office = Office::open(kind, &workflow(&["a counter | done hand-over"]), &[]).await;
    let admin = office.actor("quantri").await;
    let thu = workflow(&[
        "a counter | propose advance; to = 'b'; requires = ['plugin']",
        "b specialist; assign = { by = 'plugin' } | done hand-over",
    ]);
    office.write("workflows/thu.toml", &thu);
    let compute = "the field `total` is left to a plugin, and no plugin exports `compute`";
    let action = "the action `propose` of step `a` requires a plugin to choose it, and no plugin exports `route`";
    let officer = "the officer of step `b` is left to a plugin, and no plugin exports `route`";
    let none_does = [compute, action, officer];
    for (plugins, missing) in [
        (&["identity"][..], &none_does[..]),
        (&["identity", "groundwater"][..], &none_does[..1]),
        (&["groundwater", "land"][..], &none_does[..0]),
    ] {
        let tables = plugins.iter().map(|name| format!("[[plugin]]\nbuiltin = \"{name}\"\n\n"));
        let tables = tables.collect::<Vec<_>>().concat();
        let procedure = PROCEDURE.replacen("[[section]]", &format!("{tables}[[section]]"), 1) + LEFT;
        office.write("procedures/so-tnmt/thu/procedure.toml", &procedure);

        let checked = motcua().args(["check", path(office.dir.path())]).output().expect("it runs");
        let told = said(&checked, i32::from(!missing.is_empty()));
        assert_eq!(told.matches("no plugin exports").count(), missing.len(), "{told}");
        for what in missing {
            assert!(told.contains(&format!("the plugins of `thu`: {what}")), "{what} is not in\n{told}");
            let line = procedure.lines().position(|line| line == "[[plugin]]").expect("the plugin") + 1;
            assert!(told.contains(&format!("procedures/so-tnmt/thu/procedure.toml:{line}:1\n")), "{told}");
        }

        let province = ProvinceFolder::read(office.dir.path(), &office.clock).expect("the folder");
        let declared = province.install.by_slug("so-tnmt", "thu").expect("declared").clone();
        let installed = office.services.procedures.install_declared(&admin, declared, None).await;
        let refused = matches!(installed, Err(NotInstalled::Services(Error::Invalid(InputRule::PluginBroken))));
        assert!(if missing.is_empty() { installed.is_ok() } else { refused }, "{plugins:?}: {installed:?}");
    }
}
