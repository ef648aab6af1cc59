-- The tables of the service. `docs/formats.md` says what is in the sealed columns.
--
-- STRICT, so that a column holds what it says. WITHOUT ROWID, because a hidden row number would tell the order in which
-- reports came in. Ids are 16 random bytes. Nothing that a reporter or a caseworker wrote is in a clear column.

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- People and how they get in ------------------------------------------------------------------------------------------

CREATE TABLE staff (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    handle TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('caseworker', 'custodian', 'administrator', 'auditor')),
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    recipient TEXT,
    verify_key BLOB CHECK (verify_key IS NULL OR length(verify_key) = 32),
    joined_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE unlocks (
    staff BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    method TEXT NOT NULL CHECK (method IN ('passphrase', 'recovery')),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    pepper_version INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (staff, method)
) STRICT, WITHOUT ROWID;

CREATE TABLE totp_uses (
    staff BLOB NOT NULL PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    step INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE invitations (
    token_hash BLOB NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    staff BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL,
    secret_ct BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX invitations_staff ON invitations (staff);

CREATE TABLE sessions (
    row_key BLOB NOT NULL PRIMARY KEY CHECK (length(row_key) = 32),
    staff BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    blob BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    idle_expires_at INTEGER NOT NULL,
    n INTEGER NOT NULL,
    -- Wrong codes and passphrases since the last right one.
    wrong INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_staff ON sessions (staff);

-- Wrong codes and passphrases of the last hour. No reference to an account: a name that nobody has is counted alike.
CREATE TABLE attempts (
    staff BLOB NOT NULL CHECK (length(staff) = 16),
    way TEXT NOT NULL CHECK (way IN ('session', 'sign-in', 'known-device', 'recovery')),
    at INTEGER NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    PRIMARY KEY (staff, way, at, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX attempts_at ON attempts (at);

-- People whose own key is to be renewed. Gone when they have done it.
CREATE TABLE renewals (
    staff BLOB NOT NULL PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    ordered_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Teams, channels and the keys they read with -------------------------------------------------------------------------

CREATE TABLE teams (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    -- An audit team reads the bodies of the audit log and no report.
    kind TEXT NOT NULL CHECK (kind IN ('casework', 'audit')),
    -- The age at which the team's generation is due to be changed.
    rotate_days INTEGER NOT NULL CHECK (rotate_days BETWEEN 1 AND 3650)
) STRICT, WITHOUT ROWID;

-- Whom the administrators want in which team, and how far they have come. Who is in it, the team's ledger says.
CREATE TABLE memberships (
    team BLOB NOT NULL REFERENCES teams (id) ON DELETE CASCADE CHECK (length(team) = 16),
    staff BLOB NOT NULL REFERENCES staff (id) ON DELETE CASCADE CHECK (length(staff) = 16),
    lead INTEGER NOT NULL CHECK (lead IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('invited', 'waiting', 'member')),
    PRIMARY KEY (team, staff)
) STRICT, WITHOUT ROWID;

CREATE INDEX memberships_staff ON memberships (staff);

-- What was said of who may read and decide: lists that only grow, one for each team and one for the office. Signed, and linked by digests.
CREATE TABLE statements (
    ledger BLOB NOT NULL CHECK (length(ledger) = 16),
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    signed BLOB NOT NULL,
    PRIMARY KEY (ledger, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE channels (
    id TEXT NOT NULL PRIMARY KEY,
    team BLOB NOT NULL REFERENCES teams (id) CHECK (length(team) = 16)
) STRICT, WITHOUT ROWID;

CREATE TABLE keys (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('team', 'staff', 'recovery')),
    owner BLOB NOT NULL CHECK (length(owner) = 16),
    generation INTEGER NOT NULL CHECK (generation >= 1),
    recipient TEXT NOT NULL,
    verify_key BLOB NOT NULL CHECK (length(verify_key) = 32),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'retiring', 'retired', 'destroyed')),
    from_day INTEGER NOT NULL,
    UNIQUE (kind, owner, generation)
) STRICT, WITHOUT ROWID;

CREATE TABLE wraps (
    parent BLOB NOT NULL REFERENCES keys (id) CHECK (length(parent) = 16),
    child BLOB NOT NULL REFERENCES keys (id) CHECK (length(child) = 16),
    sealed BLOB NOT NULL,
    PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;

CREATE INDEX wraps_child ON wraps (child);

-- Orders to change a team's generation. An order given while a change runs waits for its turn; a third one is the second.
CREATE TABLE rotations (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    team BLOB NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    reason TEXT NOT NULL CHECK (reason IN ('schedule', 'order', 'leaving', 'compromise')),
    ordered_day INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('ordered', 'begun', 'done')),
    -- The new generation, once there is one.
    key BLOB REFERENCES keys (id),
    done_day INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX rotations_open ON rotations (team, state) WHERE state <> 'done';

-- Reports -------------------------------------------------------------------------------------------------------------

CREATE TABLE reports (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    recipient TEXT NOT NULL,
    channel TEXT NOT NULL REFERENCES channels (id),
    day INTEGER NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('received', 'alike', 'in_triage', 'needs_information', 'linked', 'suspected_spam', 'locked', 'no_action')),
    urgency TEXT NOT NULL CHECK (urgency IN ('U0', 'U1', 'U2', 'U3')),
    -- A quarter hour while it is urgent and nobody has claimed it, else a day.
    due INTEGER NOT NULL CHECK (due % 900 = 0),
    retention TEXT NOT NULL
        CHECK (retention IN ('undecided', 'spam', 'no_action', 'child_identified', 'referred', 'suspected_illegal')),
    -- The day on which the clock of its retention class ends; without one no clock runs.
    retain_until INTEGER,
    -- The day from which on somebody should look at it again.
    review_day INTEGER,
    -- A legal hold stops every clock.
    hold INTEGER NOT NULL CHECK (hold IN (0, 1)),
    -- Granted to named people only, with a key of its own.
    restricted INTEGER NOT NULL CHECK (restricted IN (0, 1)),
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

-- What a clock may end comes first, so that a look at the clocks reads nothing that a hold or two people stand before.
CREATE INDEX reports_retain ON reports (hold, retention, state, retain_until) WHERE retain_until IS NOT NULL;

CREATE TABLE objects (
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    id BLOB NOT NULL CHECK (length(id) = 16),
    -- In which order the report's objects came: 1, 2, … The hour and second at which they were written are inside them.
    number INTEGER NOT NULL CHECK (number >= 0),
    sealed BLOB NOT NULL,
    PRIMARY KEY (report, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX objects_number ON objects (report, number);

CREATE TABLE grants (
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    key BLOB NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL,
    PRIMARY KEY (report, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX grants_key ON grants (key);

-- A report's earlier keys, each sealed to the one after it.
CREATE TABLE epochs (
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number > 0),
    recipient TEXT NOT NULL,
    -- The number of the first object that was written under the key after it.
    until INTEGER NOT NULL CHECK (until > 0),
    sealed BLOB NOT NULL,
    PRIMARY KEY (report, number)
) STRICT, WITHOUT ROWID;

-- The queue of each key, in the order in which its holders see it, so that a page reads what it shows and nothing else. Says what
-- reports and grants say already; the triggers keep it so, whoever writes those.
CREATE TABLE queue (
    report BLOB NOT NULL,
    key BLOB NOT NULL,
    state TEXT NOT NULL,
    urgency TEXT NOT NULL,
    day INTEGER NOT NULL,
    due INTEGER NOT NULL,
    review_day INTEGER,
    PRIMARY KEY (report, key),
    FOREIGN KEY (report, key) REFERENCES grants (report, key) ON DELETE CASCADE ON UPDATE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX queue_order ON queue (key, state, urgency, day, due, report);
CREATE INDEX queue_review ON queue (key, review_day, report) WHERE review_day IS NOT NULL;

CREATE TRIGGER queue_granted AFTER INSERT ON grants BEGIN
    INSERT OR REPLACE INTO queue (report, key, state, urgency, day, due, review_day)
        SELECT id, NEW.key, state, urgency, day, due, review_day FROM reports WHERE id = NEW.report;
END;

CREATE TRIGGER queue_moved AFTER UPDATE OF state, urgency, day, due, review_day ON reports BEGIN
    UPDATE queue
        SET state = NEW.state, urgency = NEW.urgency, day = NEW.day, due = NEW.due, review_day = NEW.review_day
        WHERE report = NEW.id;
END;

-- Grants that did not open when their key was changed. Kept, and told of: nothing is dropped.
CREATE TABLE quarantine (
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    key BLOB NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL,
    day INTEGER NOT NULL,
    PRIMARY KEY (report, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX quarantine_key ON quarantine (key);

-- Restricted reports whose own key must be changed by the next of their readers who comes by.
CREATE TABLE rekeys (
    report BLOB NOT NULL PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    ordered_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Acts that need two people: what the first one proposed. The reason and the particulars are sealed to the report.
CREATE TABLE proposals (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('lower_urgency', 'no_action', 'export', 'shred', 'lift_hold')),
    proposer BLOB NOT NULL REFERENCES staff (id),
    day INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    UNIQUE (report, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX proposals_day ON proposals (day);

-- Exports that two people agreed on and that were not fetched yet. Sealed as a proposal is, under the same id.
CREATE TABLE exports (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    report BLOB NOT NULL REFERENCES reports (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL CHECK (expires_at % 900 = 0),
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX exports_report ON exports (report);
CREATE INDEX exports_expires ON exports (expires_at);

-- Reports that are being destroyed. Outlives the report, so that a start after a crash finishes what was begun.
CREATE TABLE shreds (
    report BLOB NOT NULL PRIMARY KEY CHECK (length(report) = 16),
    day INTEGER NOT NULL,
    -- How many objects it had, and a hash over them, once they are gone.
    objects INTEGER,
    commitment BLOB CHECK (commitment IS NULL OR length(commitment) = 32),
    -- That the service has emptied it.
    proof BLOB CHECK (proof IS NULL OR length(proof) = 32),
    CHECK ((objects IS NULL) = (commitment IS NULL) AND (objects IS NULL) = (proof IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
    report BLOB NOT NULL PRIMARY KEY REFERENCES reports (id) ON DELETE CASCADE,
    staff BLOB NOT NULL REFERENCES staff (id),
    touched_minute INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX claims_staff ON claims (staff);
CREATE INDEX claims_touched ON claims (touched_minute);

-- The reporter's side. No foreign key to a report: the link is inside ciphertext on both sides only -------------------

CREATE TABLE mailboxes (
    lookup BLOB NOT NULL PRIMARY KEY CHECK (length(lookup) = 32),
    card BLOB NOT NULL,
    -- The first of a month.
    expires_day INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX mailboxes_expires ON mailboxes (expires_day);

CREATE TABLE mail_items (
    lookup BLOB NOT NULL REFERENCES mailboxes (lookup) ON DELETE CASCADE,
    id BLOB NOT NULL CHECK (length(id) = 16),
    -- In which order the mailbox's messages came: 1, 2, …
    number INTEGER NOT NULL CHECK (number > 0),
    sealed BLOB NOT NULL,
    PRIMARY KEY (lookup, id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX mail_items_number ON mail_items (lookup, number);

-- The keys of forms' tickets, which receipt codes are made with: one a UTC day, sealed. Only today's and the one before it are ever used;
-- older ones are deleted, and no backup has any.
CREATE TABLE ticket_keys (
    day INTEGER NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- What each process of the service says of itself every minute, sealed.
CREATE TABLE processes (
    roles TEXT NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Notices and the record of acts --------------------------------------------------------------------------------------

CREATE TABLE outbox (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL CHECK (kind IN ('urgent', 'ordinary', 'delivery')),
    -- An urgent event repeats until this report is claimed. Nothing else names one.
    report BLOB REFERENCES reports (id) ON DELETE CASCADE,
    list TEXT NOT NULL CHECK (list IN ('hotline', 'oncall', 'backup', 'alarm', 'anchor')),
    address_ct BLOB,
    -- An anchor's text, as it was made: tried again after days it says the same. Every other letter is the constant notice.
    letter TEXT,
    due INTEGER NOT NULL CHECK (due % 900 = 0),
    first_due INTEGER NOT NULL CHECK (first_due % 900 = 0),
    attempts INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'dead')),
    -- The minute until which one worker has this delivery in hand, and which.
    leased_until INTEGER NOT NULL,
    leased_by TEXT,
    -- Why it could not be sent the last time, by kind.
    fault TEXT,
    CHECK ((kind = 'urgent') = (report IS NOT NULL)),
    CHECK ((kind = 'delivery') = (address_ct IS NOT NULL)),
    CHECK ((list = 'anchor') = (letter IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_due ON outbox (state, kind, due);
CREATE INDEX outbox_report ON outbox (report) WHERE report IS NOT NULL;

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    day INTEGER NOT NULL,
    -- The coarse kind. Who did what to which report is in the body.
    class TEXT NOT NULL,
    commitment BLOB NOT NULL CHECK (length(commitment) = 32),
    leaf BLOB NOT NULL CHECK (length(leaf) = 32),
    -- With a key of the server, so that writing here is not enough to make an entry.
    mac BLOB NOT NULL CHECK (length(mac) = 32),
    -- Salt and body, sealed to the auditors' generation, or to the audit credential while there is no auditor. A tick has none.
    body BLOB,
    -- No foreign key: whenever a key goes, the database would look through the whole log for it.
    body_key BLOB
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_body_key ON audit (body_key) WHERE body IS NOT NULL;

-- What auditors, custodians and leads must hear of. One open alarm for each kind and subject.
CREATE TABLE alarms (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    -- The channel, or the id of the team or key.
    subject TEXT NOT NULL,
    day INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'seen'))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX alarms_open ON alarms (kind, subject) WHERE state = 'open';
