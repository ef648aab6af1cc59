//! Every way to tamper with the audit log, and what names it: the log itself, the mails alone, the mails beside the log.

use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use kapea::seal::anchor::check::{AnchorFinding, check};
use kapea::seal::anchor::find_all;
use kapea::service::anchor::{compare, make_in_txn};
use kapea::service::trail::{Finding, verify, verify_bodies};
use kapea::service::txn::Txn;
use kapea::store::Store;

use crate::anchors::{KEEPERS, acts, anchors, looked, mails, record, run};
use crate::support::TestApp;

const DAY: i64 = 86_400;

/// A log of which outsiders have two anchors, with acts after the second that they do not have yet.
struct Case {
    app: TestApp,
    kept: Vec<Vec<u8>>,
    /// The last entry of the first anchor, and of the second.
    mailed: [i64; 2],
}

impl Case {
    async fn build() -> Self {
        let app = TestApp::start_with(&[KEEPERS]).await;
        let (mut kept, mut mailed) = (Vec::new(), [0; 2]);
        for last in &mut mailed {
            acts(&app).await;
            app.clock.advance(DAY);
            app.worker.step().await;
            kept.push(mails(&app).remove(0));
            *last = looked(&app, &kept).unwrap().covered;
        }
        acts(&app).await;
        app.clock.advance(3_600);
        app.worker.tick().await.unwrap();
        app.worker.watch().await.unwrap();
        Self { app, kept, mailed }
    }

    /// The database as it is now.
    fn copy(&self, name: &str) -> PathBuf {
        let path = self.app.folder.path().join(name);
        let mut conn = crate::support::sql::open(self.app.database());
        conn.batch_execute(&format!("VACUUM INTO '{}'", path.display()))
            .unwrap();
        path
    }

    /// What the log says of itself to an auditor.
    fn inside(&self, path: &Path) -> Option<Finding> {
        let store = Store::open_path(path).unwrap();
        let audit_log = self.app.beside().audit_log;
        let looked = store.blocking(|conn| verify(conn, &audit_log, &[]));
        let keys = self.app.audit_keys();
        let bodies = store.blocking(|conn| verify_bodies(conn, &audit_log, &keys));
        looked.unwrap().err().or(bodies.unwrap().err())
    }

    /// What the mails say when the next one has gone out.
    fn mails(&self, path: &Path) -> Option<AnchorFinding> {
        let store = Store::open_path(path).unwrap();
        let audit_log = self.app.beside().audit_log;
        let today = self.app.clock.today().plus(1);
        let next = store
            .blocking_write(|conn| {
                make_in_txn(&mut Txn::new(&audit_log, conn.reborrow(), today.start()))
            })
            .unwrap();
        let mut found = anchors(&self.kept);
        found.extend(find_all(&next));
        check(&found, &[audit_log.verify_key()]).err()
    }

    /// What the mails say beside the running log.
    fn beside(&self, path: &Path) -> Option<Finding> {
        let store = Store::open_path(path).unwrap();
        let mailed = looked(&self.app, &self.kept).unwrap();
        store.blocking(|conn| compare(conn, &mailed)).unwrap()
    }

    /// Somebody with the credential writes another end from an entry on, longer than the true one.
    fn rewrite(&self, path: &Path, from: i64) {
        run(path, &format!("DELETE FROM audit WHERE seq >= {from}"));
        let store = Store::open_path(path).unwrap();
        record(&store, &self.app.audit_log(), 300);
    }
}

/// One way to tamper: what it is called, how, and what each of the three looks names.
type Row<'a> = (
    &'a str,
    Box<dyn Fn(&Path) + 'a>,
    Option<Finding>,
    Option<AnchorFinding>,
    Option<Finding>,
);

#[tokio::test(flavor = "multi_thread")]
async fn the_tamper_table() {
    let case = Case::build().await;
    let [first, second] = case.mailed;
    let size = case
        .app
        .store
        .blocking(kapea::store::audit_head)
        .unwrap()
        .unwrap()
        .0;
    // One that is mailed, and one that is not yet.
    let (early, late) = (first + 5, second + 2);
    assert!(late < size - 2);
    let sql = |text: String| -> Box<dyn Fn(&Path)> { Box::new(move |path| run(path, &text)) };
    let swap = |at: i64| {
        sql(format!(
            "UPDATE audit SET seq = -1 WHERE seq = {at}; UPDATE audit SET seq = {at} WHERE seq = {at} + 1; \
             UPDATE audit SET seq = {at} + 1 WHERE seq = -1"
        ))
    };
    let rewrite = |from: i64| -> Box<dyn Fn(&Path)> {
        let case = &case;
        Box::new(move |path| case.rewrite(path, from))
    };
    use AnchorFinding as Mail;
    use Finding as Log;
    let edit = |column: &str, value: &str, at: i64| {
        sql(format!(
            "UPDATE audit SET {column} = {value} WHERE seq = {at}"
        ))
    };
    // The next mail is signed up to what is right, which is less than before.
    let went_back = Some(Mail::WentBack {
        after: early - 1,
        day: case.app.clock.today().plus(1),
    });
    let truncated = |ends, signed| Some(Log::Truncated { ends, signed });
    let table: Vec<Row<'_>> = vec![
        ("nothing", sql(String::new()), None, None, None),
        // The body is not in the mails; the commitment to it is, and the look inside compares them.
        (
            "a body edited",
            edit("body", "X'00'", early),
            Some(Log::Body(early)),
            None,
            None,
        ),
        (
            "a body removed",
            edit("body", "NULL", late),
            Some(Log::Body(late)),
            None,
            None,
        ),
        (
            "a day edited",
            edit("day", "day + 1", early),
            Some(Log::Changed(early)),
            went_back,
            Some(Log::Changed(early)),
        ),
        (
            "a day edited before it was mailed",
            edit("day", "day + 1", late),
            Some(Log::Changed(late)),
            Some(Mail::Changed(late)),
            None,
        ),
        (
            "a class edited",
            edit("class", "'tick'", early),
            Some(Log::Changed(early)),
            went_back,
            Some(Log::Changed(early)),
        ),
        (
            "a class edited before",
            edit("class", "'ticks'", late),
            Some(Log::Changed(late)),
            Some(Mail::Changed(late)),
            None,
        ),
        (
            "a commitment edited",
            edit("commitment", "randomblob(32)", early),
            Some(Log::Changed(early)),
            went_back,
            Some(Log::Changed(early)),
        ),
        (
            "a commitment edited before",
            edit("commitment", "randomblob(32)", late),
            Some(Log::Changed(late)),
            Some(Mail::Changed(late)),
            None,
        ),
        (
            "a leaf edited",
            edit("leaf", "randomblob(32)", early),
            Some(Log::Changed(early)),
            went_back,
            Some(Log::Changed(early)),
        ),
        (
            "a leaf edited before",
            edit("leaf", "randomblob(32)", late),
            Some(Log::Changed(late)),
            Some(Mail::Changed(late)),
            None,
        ),
        (
            "one of the middle deleted",
            sql(format!("DELETE FROM audit WHERE seq = {early}")),
            Some(Log::Missing(early)),
            went_back,
            Some(Log::Missing(early)),
        ),
        (
            "one deleted before",
            sql(format!("DELETE FROM audit WHERE seq = {late}")),
            Some(Log::Missing(late)),
            Some(Mail::Missing(late)),
            None,
        ),
        // No mail has it; the witness does, and the next mail is signed no further.
        (
            "the tail deleted",
            sql(format!("DELETE FROM audit WHERE seq > {late}")),
            truncated(late, size),
            Some(Mail::Signed(second + 64)),
            None,
        ),
        (
            "cut off below what was mailed",
            sql(format!("DELETE FROM audit WHERE seq > {early}")),
            truncated(early, size),
            Some(Mail::Forked(early + 1)),
            truncated(early, second),
        ),
        (
            "one made without the credentials",
            edit("mac", "randomblob(32)", late),
            Some(Log::Forged(late)),
            Some(Mail::Signed(second + 64)),
            None,
        ),
        (
            "two exchanged",
            swap(early),
            Some(Log::Changed(early)),
            went_back,
            Some(Log::Changed(early)),
        ),
        (
            "two exchanged before",
            swap(late),
            Some(Log::Changed(late)),
            Some(Mail::Changed(late)),
            None,
        ),
        (
            "written anew from a mailed one on",
            rewrite(early),
            Some(Log::Forked(size)),
            Some(Mail::Forked(early)),
            Some(Log::Changed(early)),
        ),
        // With the credential too: what no outsider has is known to the witness, and the mail is signed up to that.
        (
            "written anew from one on that is not mailed",
            rewrite(late),
            Some(Log::Forked(size)),
            Some(Mail::Signed(second + 320)),
            None,
        ),
        (
            "all of it cut off",
            sql("DELETE FROM audit".to_owned()),
            truncated(0, size),
            Some(Mail::Forked(1)),
            truncated(0, second),
        ),
        (
            "the mark of what was mailed set back",
            sql("UPDATE settings SET value = '0:' WHERE key = 'anchor_mailed'".to_owned()),
            None,
            None,
            None,
        ),
    ];
    for (number, (what, tamper, inside, mails, beside)) in table.into_iter().enumerate() {
        let path = case.copy(&format!("case-{number}.db"));
        tamper(&path);
        assert_eq!(case.inside(&path), inside, "{what}: inside");
        assert_eq!(case.beside(&path), beside, "{what}: mails beside the log");
        assert_eq!(case.mails(&path), mails, "{what}: mails alone");
    }
}
