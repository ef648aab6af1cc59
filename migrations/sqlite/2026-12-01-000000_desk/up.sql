-- A report has somebody who acts on it, a time at which they look again, and an end.
--
-- SQLite changes no constraint of a table that is there, so that `reports` and `proposals` are made anew. Foreign keys are not enforced
-- while migrations run, and what refers to them refers to the new ones.

DROP TRIGGER queue_granted;
DROP TRIGGER queue_moved;

CREATE TABLE new_reports (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL REFERENCES channels (id),
    day INTEGER NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('received', 'alike', 'in_triage', 'needs_information', 'acted_upon', 'referred', 'promoted', 'linked',
            'suspected_spam', 'locked', 'no_action', 'closed')),
    urgency TEXT NOT NULL CHECK (urgency IN ('U0', 'U1', 'U2', 'U3')),
    -- A quarter hour while it is urgent and nobody has claimed it, and where it rests until somebody looks again; else a day.
    due INTEGER NOT NULL CHECK (due % 900 = 0),
    retention TEXT NOT NULL
        CHECK (retention IN ('undecided', 'spam', 'no_action', 'child_identified', 'referred', 'suspected_illegal')),
    -- The day on which the clock of its retention class ends; without one no clock runs.
    retain_until INTEGER,
    -- The day from which on somebody should look at it again.
    review_day INTEGER,
    -- By when somebody looks again who acts on it, or waits for an answer.
    look_again INTEGER CHECK (look_again % 900 = 0),
    -- A legal hold stops every clock.
    hold INTEGER NOT NULL CHECK (hold IN (0, 1)),
    -- Granted to named people only, with a key of its own.
    restricted INTEGER NOT NULL CHECK (restricted IN (0, 1)),
    -- Whose it is: the ids of people, 16 bytes each, sorted; at most 16 of them.
    assignees BLOB NOT NULL CHECK (length(assignees) % 16 = 0 AND length(assignees) <= 256),
    -- Which of its objects is the card that the queue shows.
    card BLOB NOT NULL CHECK (length(card) = 16),
    version INTEGER NOT NULL,
    -- How many objects it has and a digest over them; the owners of the keys it is granted to, by their ids; what its state is signed
    -- with; the proof of this row (docs/formats.md).
    objects INTEGER NOT NULL CHECK (objects >= 0),
    contents BLOB NOT NULL CHECK (length(contents) = 32),
    holders BLOB NOT NULL,
    state_key BLOB NOT NULL CHECK (length(state_key) = 32),
    proof BLOB NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO new_reports
    SELECT id, recipient, channel, day, state, urgency, due, retention, retain_until, review_day, NULL, hold, restricted, X'', card, version,
        objects, contents, holders, state_key, proof
    FROM reports;
DROP TABLE reports;
ALTER TABLE new_reports RENAME TO reports;

-- What a clock may end comes first, so that a look at the clocks reads nothing that a hold or two people stand before.
CREATE INDEX reports_retain ON reports (hold, retention, state, retain_until) WHERE retain_until IS NOT NULL;
CREATE INDEX reports_look_again ON reports (state, urgency, due) WHERE look_again IS NOT NULL;

CREATE TRIGGER queue_granted AFTER INSERT ON grants BEGIN
    INSERT OR REPLACE INTO queue (report, key, state, urgency, day, due, review_day)
        SELECT id, NEW.key, state, urgency, day, due, review_day FROM reports WHERE id = NEW.report;
END;

CREATE TRIGGER queue_moved AFTER UPDATE OF state, urgency, day, due, review_day ON reports BEGIN
    UPDATE queue
        SET state = NEW.state, urgency = NEW.urgency, day = NEW.day, due = NEW.due, review_day = NEW.review_day
        WHERE report = NEW.id;
END;

-- Whose reports those are, by person. Says what reports say already; the trigger keeps it so, whoever writes those.
CREATE TABLE assignments (
    staff BLOB NOT NULL CHECK (length(staff) = 16),
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    PRIMARY KEY (staff, report)
) STRICT, WITHOUT ROWID;

CREATE INDEX assignments_report ON assignments (report);

CREATE TRIGGER assigned AFTER UPDATE OF assignees ON reports BEGIN
    DELETE FROM assignments WHERE report = NEW.id;
    INSERT OR IGNORE INTO assignments (staff, report)
        SELECT substr(NEW.assignees, 16 * place + 1, 16), NEW.id
        FROM (SELECT 0 AS place UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5
            UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9 UNION ALL SELECT 10 UNION ALL SELECT 11
            UNION ALL SELECT 12 UNION ALL SELECT 13 UNION ALL SELECT 14 UNION ALL SELECT 15)
        WHERE 16 * place < length(NEW.assignees);
END;

CREATE TABLE new_proposals (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    kind TEXT NOT NULL
        CHECK (kind IN ('lower_urgency', 'no_action', 'close', 'refer', 'promote', 'export', 'shred', 'lift_hold')),
    proposer BLOB NOT NULL REFERENCES staff (id),
    day INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (report, kind)
) STRICT, WITHOUT ROWID;

INSERT INTO new_proposals SELECT id, report, kind, proposer, day, sealed FROM proposals;
DROP TABLE proposals;
ALTER TABLE new_proposals RENAME TO proposals;

CREATE INDEX proposals_day ON proposals (day);

-- What has happened to a report and how far each of its readers has read, sealed with a key that the report's own key gives: the queue says
-- of it what changed without opening everything that was written.
CREATE TABLE activities (
    report BLOB NOT NULL PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_due ON queue (key, state, due, urgency, day, report);
