//! Dates and hours are those of the organisation's time zone, and pages say so.

use crate::support::TestApp;

/// The tests' clock stands in the evening of UTC: in Phnom Penh it is the next day.
#[tokio::test(flavor = "multi_thread")]
async fn an_evening_in_utc_is_the_next_day_where_the_organisation_is() {
    let mut seen = Vec::new();
    for zone in ["UTC", "Asia/Phnom_Penh"] {
        let app = TestApp::start_with(&[("hotline", &format!("time_zone = \"{zone}\""))]).await;
        // To 18:30 UTC of the next day.
        let now = app.clock.now().seconds();
        let evening = now.div_euclid(86_400) * 86_400 + 86_400 + 18 * 3_600 + 1_800;
        app.clock.advance(evening - now);
        let reporter = app.reporter("en");
        let code = reporter.file(&[("account", "Her uncle.")]).await;
        let sokha = app.sign_in("sokha").await;
        let report = sokha.queue("").await.remove(0);
        sokha.claim(&report).await.expect(303);
        sokha.message(&report, "Are you safe?").await.expect(303);
        let page = sokha.read(&report).await.expect(200);
        let when = page.document().of_class("when").concat();
        let history = page.document().of_class("entry-head").concat();
        let mailbox = reporter
            .mailbox(&code)
            .await
            .page
            .document()
            .of_class("from");
        page.says(zone);
        seen.push((when, history, mailbox.concat()));
    }
    let (utc, local) = (&seen[0], &seen[1]);
    assert!(utc.0.contains("18:00"), "{}", utc.0);
    assert!(local.0.contains("01:00"), "{}", local.0);
    assert!(
        utc.1.contains("18:3") && local.1.contains("01:3"),
        "{utc:?} {local:?}"
    );
    let day = |text: &str| -> u32 {
        let digits: String = text
            .chars()
            .skip_while(|c| !c.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().expect("a day")
    };
    for (utc, local) in [(&utc.0, &local.0), (&utc.2, &local.2)] {
        let (utc, local) = (day(utc), day(local));
        assert!(local == utc + 1 || local == 1, "{utc} {local}");
    }
}
