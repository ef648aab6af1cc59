//! Random histories of an office against a model of who can read what. The truth is what each person's own secret opens in a copy of
//! the database, whatever the server would say; the front door must say the same.
//!
//! A new act is one variant of [`Act`], one line of [`acts`] and one arm of [`History::apply`].

mod check;
mod custody;
mod fixture;
mod history;
mod model;

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

pub use fixture::{EXTRA, settled};
use history::History;
use model::Pick;

const CASES: u32 = 48;
const ACTS: std::ops::RangeInclusive<usize> = 8..=40;

#[derive(Debug, Clone)]
enum Act {
    /// A report, about officials or not.
    Submit(bool),
    /// Somebody lets somebody in.
    Admit {
        by: Pick,
        who: Pick,
    },
    /// An account is closed, for a leaver or because its keys may be known.
    Leave {
        who: Pick,
        compromised: bool,
    },
    Assign {
        by: Pick,
        report: Pick,
        to: Pick,
    },
    /// To oneself and whom the bits name.
    Restrict {
        by: Pick,
        report: Pick,
        others: u8,
    },
    Share {
        by: Pick,
        report: Pick,
    },
    Move {
        by: Pick,
        report: Pick,
    },
    Order {
        team: Pick,
    },
    /// Somebody's request carries a change on by one step, or by all of them.
    Slice {
        by: Pick,
    },
    Rotate {
        by: Pick,
    },
    /// Restricted reports get the new keys that were ordered for them, as far as somebody can read them.
    Rekey {
        by: Pick,
    },
    /// An account begins anew, whoever would be missed or only if nobody is.
    Reset {
        who: Pick,
        accept: bool,
    },
    /// Somebody whose account was reset takes up the new invitation.
    Join {
        who: Pick,
    },
    Renew {
        who: Pick,
    },
    /// A lead has their team do without recovery, or with it again.
    Opt {
        by: Pick,
    },
    /// Shares of the recovery key come together and let somebody in.
    Recover {
        who: Pick,
    },
    /// One proposes to destroy a report, another approves.
    Shred {
        by: Pick,
        report: Pick,
        second: Pick,
    },
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let pick = || 0..64_usize;
    let act = prop_oneof![
        5 => any::<bool>().prop_map(Act::Submit),
        2 => (pick(), pick()).prop_map(|(by, who)| Act::Admit { by, who }),
        2 => (pick(), any::<bool>()).prop_map(|(who, compromised)| Act::Leave { who, compromised }),
        1 => (pick(), pick(), pick()).prop_map(|(by, report, to)| Act::Assign { by, report, to }),
        2 => (pick(), pick(), any::<u8>()).prop_map(|(by, report, others)| Act::Restrict { by, report, others }),
        2 => (pick(), pick()).prop_map(|(by, report)| Act::Share { by, report }),
        2 => (pick(), pick()).prop_map(|(by, report)| Act::Move { by, report }),
        2 => pick().prop_map(|team| Act::Order { team }),
        2 => pick().prop_map(|by| Act::Slice { by }),
        2 => pick().prop_map(|by| Act::Rotate { by }),
        2 => pick().prop_map(|by| Act::Rekey { by }),
        1 => (pick(), any::<bool>()).prop_map(|(who, accept)| Act::Reset { who, accept }),
        2 => pick().prop_map(|who| Act::Join { who }),
        1 => pick().prop_map(|who| Act::Renew { who }),
        1 => pick().prop_map(|by| Act::Opt { by }),
        2 => pick().prop_map(|who| Act::Recover { who }),
        2 => (pick(), pick(), pick()).prop_map(|(by, report, second)| Act::Shred { by, report, second }),
    ];
    proptest::collection::vec(act, ACTS)
}

/// How often each act was done, over all histories. An act that never comes about proves nothing.
type Done = BTreeMap<&'static str, usize>;

async fn run(acts: &[Act]) -> Done {
    let mut history = History::begin().await;
    history.assert_keys();
    for act in acts {
        history.apply(act).await;
        history.assert_keys();
    }
    history.assert_front_door().await;
    history.done
}

fn cases() -> u32 {
    std::env::vars()
        .find(|(name, _)| name == "KAPEA_MATRIX_CASES")
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(CASES)
}

/// By somebody who leads, approved by somebody else who can read it; there may be nobody.
const fn shred(report: Pick) -> Act {
    Act::Shred {
        by: 1,
        report,
        second: 1,
    }
}

/// In which every act of custody is done, whatever chance brings elsewhere.
const STORY: [Act; 24] = [
    Act::Submit(false),
    Act::Submit(true),
    Act::Slice { by: 0 },
    Act::Slice { by: 4 },
    Act::Admit { by: 0, who: 2 },
    Act::Renew { who: 0 },
    Act::Restrict {
        by: 1,
        report: 0,
        others: u8::MAX,
    },
    Act::Leave {
        who: 1,
        compromised: true,
    },
    Act::Rekey { by: 1 },
    Act::Rotate { by: 0 },
    Act::Reset {
        who: 2,
        accept: false,
    },
    Act::Join { who: 2 },
    Act::Recover { who: 3 },
    Act::Opt { by: 2 },
    Act::Opt { by: 2 },
    Act::Slice { by: 4 },
    Act::Share { by: 1, report: 1 },
    Act::Submit(false),
    shred(0),
    shred(1),
    shred(2),
    Act::Submit(false),
    Act::Order { team: 0 },
    Act::Rotate { by: 0 },
];

#[tokio::test(flavor = "multi_thread")]
async fn one_history_in_which_every_act_of_custody_is_done() {
    let done = run(&STORY).await;
    for act in [
        "admit", "renew", "restrict", "leave", "rekey", "reset", "join", "recover", "opt",
        "opt-in", "share", "shred",
    ] {
        assert!(done.contains_key(act), "{act} was not done: {done:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_leaves_after_a_reset_cannot_follow_with_what_they_copied_before() {
    let acts = [
        Act::Submit(false),
        Act::Admit { by: 0, who: 2 },
        Act::Reset {
            who: 2,
            accept: false,
        },
        Act::Leave {
            who: 2,
            compromised: false,
        },
        Act::Rotate { by: 0 },
    ];
    let done = run(&acts).await;
    assert!(
        done.contains_key("reset") && done.contains_key("leave"),
        "{done:?}"
    );
}

#[test]
fn who_can_derive_which_key_is_what_the_model_says_after_every_act() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let all = std::cell::RefCell::new(Done::new());
    let outcome = TestRunner::new(config).run(&acts(), |acts| {
        for (act, times) in runtime.block_on(run(&acts)) {
            *all.borrow_mut().entry(act).or_default() += times;
        }
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let all = all.into_inner();
    println!("{} histories, acts done: {all:?}", cases());
}
