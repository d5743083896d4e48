//! Very many hostile plugins at once. The others are answered, and a plugin that cannot start is no longer called.

use motcua_domain::names::Digest;
use motcua_domain::procedure::plugin::PluginLimits;
use motcua_sandbox::{MOST_FAILED_STARTS, PluginFault};
use motcua_tests::plugin::{Module, findings, for_applicant, sandbox, validator};
use std::sync::mpsc;

/// Returns sixty-four components, each wrong in its own way.
fn crowd() -> Vec<Vec<u8>> {
    let bodies = |number: usize| match number % 4 {
        0 => "(loop (br 0)) (i32.const 0)".to_owned(),
        1 => "(loop (drop (memory.grow (i32.const 1))) (br 0)) (i32.const 0)".to_owned(),
        2 => format!("(memory.fill (i32.const 0) (i32.const {number}) (i32.const 65536)) (loop (br 0)) (i32.const 0)"),
        _ => findings(100_000),
    };
    // Each has a name of its own, so that no two are the same.
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
    let load = |component: &Vec<u8>| sandbox.load(component, &PluginLimits::default()).expect("it can be loaded");
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
    for (is_good, answer) in heard.iter().take(waiting) {
        match answer {
            Ok(found) => assert!(is_good && found.len() == 1),
            Err(fault) => assert!(!is_good && fault.is_the_plugins(), "{fault:?}"),
        }
    }
    for component in &hostile {
        let figures = sandbox.figures(component).expect("it was called");
        assert_eq!((figures.failures, figures.failing_for()), (6, 6), "an administrator sees it: {figures:?}");
    }
    assert_eq!(sandbox.figures(&good).map(|figures| figures.failing_for()), Some(0));
}

fn not_starting() -> Vec<u8> {
    let other = "(func $start unreachable) (start $start)".to_owned();
    Module { other, ..Module::default() }.component()
}

#[test]
fn a_plugin_that_cannot_start_is_suspended_until_somebody_resumes_it() {
    let sandbox = sandbox();
    let component = sandbox.load(&not_starting(), &PluginLimits::default()).expect("it can be loaded");
    for _ in 0..MOST_FAILED_STARTS {
        let answer = for_applicant(&sandbox, &component, "an");
        assert!(matches!(answer, Err(PluginFault::Ended(_))), "{answer:?}");
    }
    assert_eq!(for_applicant(&sandbox, &component, "an"), Err(PluginFault::Suspended));
    sandbox.suspend(&component, false);
    assert!(matches!(for_applicant(&sandbox, &component, "an"), Err(PluginFault::Ended(_))));
}

#[test]
fn no_number_of_accounts_can_have_a_plugin_suspended_by_what_they_type() {
    let sandbox = sandbox();
    let component = sandbox.load(&validator("unreachable"), &PluginLimits::default()).expect("it can be loaded");
    for account in 0..100 {
        let answer = for_applicant(&sandbox, &component, &account.to_string());
        assert!(matches!(answer, Err(PluginFault::Ended(_))), "{answer:?}");
    }
    assert!(!sandbox.is_suspended(&component));
    assert_eq!(sandbox.figures(&component).map(|figures| figures.failing_for()), Some(100));
}

#[test]
fn a_panic_in_a_plugins_thread_ends_neither_the_process_nor_fills_the_queue() {
    let sandbox = sandbox();
    let component = sandbox.load(&validator(&findings(1)), &PluginLimits::default()).expect("it can be loaded");
    for _ in 0..200 {
        let (said, heard) = mpsc::channel::<()>();
        let spawned = sandbox.spawn([&component].into_iter(), move || {
            let _said = said;
            panic!("of a test");
        });
        assert_eq!(spawned, Ok(()));
        assert!(heard.recv().is_err(), "the work is gone with its sender");
    }
    assert_eq!(for_applicant(&sandbox, &component, "an").map(|found| found.len()), Ok(1));
}

#[test]
fn a_plugin_that_waits_for_the_processor_does_not_use_up_its_time() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    // Some milliseconds of work, on a machine that has more to do than it has processors.
    let work =
        "(local.set $i (i32.const 500000)) (loop (br_if 0 (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))";
    let sandbox = sandbox();
    let component =
        sandbox.load(&validator(&format!("{work} {}", findings(1))), &PluginLimits::default()).expect("loaded");
    let enough = Arc::new(AtomicBool::new(false));
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let busy: Vec<_> = (0..8 * processors)
        .map(|_| {
            let enough = enough.clone();
            std::thread::spawn(move || {
                while !enough.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            })
        })
        .collect();
    let (said, heard) = mpsc::channel();
    for _ in 0..10 {
        let (own, asked, said) = (sandbox.clone(), component.clone(), said.clone());
        let work = move || drop(said.send(for_applicant(&own, &asked, "an")));
        assert_eq!(sandbox.spawn([&component].into_iter(), work), Ok(()));
    }
    let answers: Vec<_> = heard.iter().take(10).collect();
    enough.store(true, Ordering::Relaxed);
    for thread in busy {
        thread.join().expect("it only spins");
    }
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

#[test]
fn calls_of_one_plugin_that_wait_are_bounded() {
    let sandbox = sandbox();
    let component = sandbox.load(&validator(&findings(0)), &PluginLimits::default()).expect("it can be loaded");
    let (stop, stopped) = mpsc::channel::<()>();
    let stopped = std::sync::Arc::new(std::sync::Mutex::new(stopped));
    let mut busy = false;
    for _ in 0..200 {
        let stopped = stopped.clone();
        let work = move || drop(stopped.lock().map(|stopped| stopped.recv()));
        busy |= sandbox.spawn([&component].into_iter(), work) == Err(PluginFault::Busy);
    }
    assert!(busy);
    drop(stop);
}
