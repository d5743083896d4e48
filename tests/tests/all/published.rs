//! Results that are published on a public page.

use motcua_tests::flow::{COUNTER, Office, PROCEDURE, With, workflow};
use motcua_tests::portal::Kind;

on_both_kinds! {
    a_result_is_published_once_it_is_handed_over_and_its_holder_only_if_the_author_says_so
}

async fn a_result_is_published_once_it_is_handed_over_and_its_holder_only_if_the_author_says_so(kind: Kind) {
    let cases = [("[publish]\nholder = true", Some("Nguyễn Văn An")), ("[publish]", None)];
    for (publish, holder) in cases {
        let thu = workflow(&["a counter | done hand-over | no refuse"]);
        let procedure = format!("{PROCEDURE}\n{publish}\n");
        let office = Office::open(kind, &thu, &[("procedures/so-tnmt/thu/procedure.toml", &procedure)]).await;
        let (given, refused) = (office.file(false, false).await, office.file(true, false).await);
        let lists = &office.services.lists;
        assert!(lists.published(None).await.expect("read").0.is_empty(), "nothing is decided");
        given.act(COUNTER, "done").await.expect("handed over");
        let no = With { note: "Không đủ điều kiện.", ..With::default() };
        refused.act_with(COUNTER, "no", no).await.expect("refused");
        let (found, has_more) = lists.published(None).await.expect("read");
        let [decision] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((decision.code.as_str(), decision.holder.as_deref()), (given.code.as_str(), holder));
        assert!(!has_more && decision.procedure.vi == "Thử quy trình", "{decision:?}");
        let after = lists.published(Some((decision.at, &decision.code))).await.expect("read").0;
        assert!(after.is_empty(), "{after:?}");
    }
}
