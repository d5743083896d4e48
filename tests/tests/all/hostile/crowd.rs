//! Very many hostile plugins at once: the others are answered, and those that fail are called no more.

use motcua_domain::names::Digest;
use motcua_domain::plugin::Limits;
use motcua_sandbox::{Fault, MOST_FAILURES};
use motcua_tests::plugin::{Module, findings, for_applicant, sandbox, validator};
use std::sync::mpsc;

/// Sixty-four components, each wrong in its own way.
fn crowd() -> Vec<Vec<u8>> {
    let bodies = |number: usize| match number % 4 {
        0 => "(loop (br 0)) (i32.const 0)".to_owned(),
        1 => "(loop (drop (memory.grow (i32.const 1))) (br 0)) (i32.const 0)".to_owned(),
        2 => format!("(memory.fill (i32.const 0) (i32.const {number}) (i32.const 65536)) (loop (br 0)) (i32.const 0)"),
        _ => findings(100_000),
    };
    // Each has a name of its own, so that none is another.
    let one = |number: usize| Module {
        other: format!(r#"(data (i32.const 60000) "{number}")"#),
        validate: bodies(number),
        ..Module::default()
    };
    (0..64).map(|number| one(number).component()).collect()
}

#[test]
fn sixty_four_hostile_plugins_at_once_leave_the_others_alone() {
    let sandbox = sandbox();
    let load = |component: &Vec<u8>| sandbox.load(component, &Limits::default()).expect("it can be loaded");
    let hostile: Vec<Digest> = crowd().iter().map(load).collect();
    let good = load(&validator(&findings(1)));
    let (said, heard) = mpsc::channel();
    let mut waiting = 0;
    for round in 0..6 {
        for component in hostile.iter().chain([&good]) {
            let (own, asked, said) = (sandbox.clone(), component.clone(), said.clone());
            let is_good = *component == good;
            let work = move || {
                drop(said.send((is_good, for_applicant(&own, &asked, &round.to_string()))));
            };
            assert_eq!(sandbox.spawn([component].into_iter(), work), Ok(()), "round {round}");
            waiting += 1;
        }
    }
    let mut suspended = 0;
    for (is_good, answer) in heard.iter().take(waiting) {
        match answer {
            Ok(found) => assert!(is_good && found.len() == 1),
            Err(Fault::Suspended) => suspended += 1,
            Err(fault) => assert!(!is_good && fault.is_the_plugins(), "{fault:?}"),
        }
    }
    assert!(suspended > 0);
    for component in &hostile {
        assert!(sandbox.is_suspended(component));
        let figures = sandbox.figures(component).expect("it was called");
        assert!(usize::try_from(figures.failures).is_ok_and(|failures| failures >= MOST_FAILURES), "{figures:?}");
    }
    assert!(!sandbox.is_suspended(&good));
}

#[test]
fn a_plugin_that_fails_for_everybody_is_suspended_until_somebody_resumes_it() {
    let sandbox = sandbox();
    let component = sandbox.load(&validator("unreachable"), &Limits::default()).expect("it can be loaded");
    for applicant in 0..MOST_FAILURES {
        let answer = for_applicant(&sandbox, &component, &applicant.to_string());
        assert!(matches!(answer, Err(Fault::Ended(_))), "{answer:?}");
    }
    assert_eq!(for_applicant(&sandbox, &component, "0"), Err(Fault::Suspended));
    sandbox.suspend(&component, false);
    assert!(matches!(for_applicant(&sandbox, &component, "0"), Err(Fault::Ended(_))));
}

#[test]
fn one_applicant_cannot_have_a_plugin_suspended() {
    let sandbox = sandbox();
    let component = sandbox.load(&validator("unreachable"), &Limits::default()).expect("it can be loaded");
    for _ in 0..10 * MOST_FAILURES {
        assert!(matches!(for_applicant(&sandbox, &component, "an"), Err(Fault::Ended(_))));
    }
}

#[test]
fn calls_of_one_plugin_that_wait_are_bounded() {
    let sandbox = sandbox();
    let component = sandbox.load(&validator(&findings(0)), &Limits::default()).expect("it can be loaded");
    let (stop, stopped) = mpsc::channel::<()>();
    let stopped = std::sync::Arc::new(std::sync::Mutex::new(stopped));
    let mut busy = false;
    for _ in 0..200 {
        let stopped = stopped.clone();
        let work = move || drop(stopped.lock().map(|stopped| stopped.recv()));
        busy |= sandbox.spawn([&component].into_iter(), work) == Err(Fault::Busy);
    }
    assert!(busy);
    drop(stop);
}
