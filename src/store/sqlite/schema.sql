-- The schema of a fascicle database, version 3.
--
-- Instants are milliseconds since 1970. Names are those of the campaign files.
-- States are words, so that a stranger can read the file with any tool.

CREATE TABLE instance (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  secret      BLOB    NOT NULL CHECK (length(secret) = 32),
  snapshot    TEXT,
  created_at  INTEGER NOT NULL
) STRICT;

-- Applied projects: which files, by content.
CREATE TABLE blob (
  hash   TEXT PRIMARY KEY,
  bytes  BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot (
  hash        TEXT PRIMARY KEY,
  applied_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE snapshot_file (
  snapshot  TEXT NOT NULL REFERENCES snapshot (hash),
  path      TEXT NOT NULL,
  blob      TEXT NOT NULL REFERENCES blob (hash),
  PRIMARY KEY (snapshot, path)
) STRICT, WITHOUT ROWID;

CREATE INDEX snapshot_file_blob ON snapshot_file (blob);

CREATE TABLE campaign (
  id          TEXT PRIMARY KEY,
  version     TEXT NOT NULL,
  status      TEXT NOT NULL CHECK (status IN ('draft', 'active', 'paused', 'closed')),
  applied_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE campaign_version (
  campaign  TEXT NOT NULL,
  version   TEXT NOT NULL,
  snapshot  TEXT NOT NULL REFERENCES snapshot (hash),
  PRIMARY KEY (campaign, version)
) STRICT, WITHOUT ROWID;

-- People. `email_key` decides who is who: the address in lower case.
CREATE TABLE subscriber (
  id          INTEGER PRIMARY KEY,
  email       TEXT    NOT NULL,
  email_key   TEXT    NOT NULL UNIQUE,
  zone        TEXT,
  fields      TEXT    NOT NULL CHECK (json_valid(fields)),
  created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE tag (
  subscriber  INTEGER NOT NULL REFERENCES subscriber (id),
  name        TEXT    NOT NULL,
  created_at  INTEGER NOT NULL,
  PRIMARY KEY (subscriber, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  subscriber   INTEGER NOT NULL REFERENCES subscriber (id),
  name         TEXT    NOT NULL,
  happened_at  INTEGER NOT NULL,
  PRIMARY KEY (subscriber, name, happened_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscription (
  id            INTEGER PRIMARY KEY,
  subscriber    INTEGER NOT NULL REFERENCES subscriber (id),
  list          TEXT    NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('pending', 'confirmed', 'left')),
  confirmed_at  INTEGER,
  left_at       INTEGER,
  UNIQUE (subscriber, list),
  CHECK ((state = 'left') = (left_at IS NOT NULL)),
  CHECK (state != 'confirmed' OR confirmed_at IS NOT NULL)
) STRICT;

-- Forms that were sent in. `new`: nobody has looked at it. `due`: a confirmation
-- will be sent. `asked`: it is in the outbox. `confirmed`: the address said yes,
-- and the row is part of the proof. What is not worth a mail is deleted at once,
-- what was never confirmed after thirty days. `mailbox_key` folds the spellings
-- of one mailbox; `snapshot` says which version of the words was shown.
CREATE TABLE sign_up (
  id            INTEGER PRIMARY KEY,
  list          TEXT    NOT NULL,
  email         TEXT    NOT NULL,
  email_key     TEXT    NOT NULL,
  mailbox_key   TEXT    NOT NULL,
  domain        TEXT    NOT NULL,
  zone          TEXT,
  fields        TEXT    NOT NULL CHECK (json_valid(fields)),
  words         TEXT    NOT NULL,
  snapshot      TEXT    NOT NULL,
  page          TEXT    NOT NULL,
  network       TEXT    NOT NULL,
  agent         TEXT    NOT NULL,
  asked_at      INTEGER NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('new', 'due', 'asked', 'confirmed')),
  due_at        INTEGER,
  subscription  INTEGER REFERENCES subscription (id),
  CHECK ((state = 'new') = (due_at IS NULL)),
  CHECK ((state = 'new') = (subscription IS NULL))
) STRICT;
CREATE INDEX sign_up_new ON sign_up (mailbox_key, id) WHERE state = 'new';
CREATE INDEX sign_up_due ON sign_up (due_at) WHERE state = 'due';
CREATE INDEX sign_up_mailbox ON sign_up (mailbox_key);
CREATE INDEX sign_up_rate ON sign_up (domain, due_at);
CREATE INDEX sign_up_rate_of_all ON sign_up (due_at);
CREATE INDEX sign_up_open ON sign_up (asked_at) WHERE state IN ('due', 'asked');
CREATE INDEX sign_up_subscription ON sign_up (subscription);

-- What somebody agreed to, and when they took it back. Only ever added to.
CREATE TABLE consent (
  subscription  INTEGER NOT NULL REFERENCES subscription (id),
  at            INTEGER NOT NULL,
  kind          TEXT    NOT NULL CHECK (kind IN ('given', 'withdrawn')),
  words         TEXT    NOT NULL,
  source        TEXT    NOT NULL,
  sign_up       INTEGER REFERENCES sign_up (id),
  PRIMARY KEY (subscription, at, kind)
) STRICT, WITHOUT ROWID;

CREATE INDEX consent_sign_up ON consent (sign_up) WHERE sign_up IS NOT NULL;

-- Addresses that get no mail. By their spelling: a server that refuses
-- `ada+x@` says nothing about `ada@`, and anybody can sign up the former.
CREATE TABLE suppression (
  email_key   TEXT    PRIMARY KEY,
  reason      TEXT    NOT NULL,
  created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One subscriber's way through one drip.
CREATE TABLE enrollment (
  id            INTEGER PRIMARY KEY,
  subscriber    INTEGER NOT NULL REFERENCES subscriber (id),
  subscription  INTEGER NOT NULL REFERENCES subscription (id),
  campaign      TEXT    NOT NULL,
  occurrence    INTEGER NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'finished', 'stopped')),
  step          TEXT,
  due_at        INTEGER,
  reason        TEXT,
  done          TEXT    NOT NULL CHECK (json_valid(done)),
  enrolled_at   INTEGER NOT NULL,
  UNIQUE (subscriber, campaign, occurrence),
  CHECK ((state IN ('waiting', 'sending')) = (step IS NOT NULL AND due_at IS NOT NULL)),
  CHECK ((state = 'stopped') = (reason IS NOT NULL))
) STRICT;
CREATE INDEX enrollment_due ON enrollment (campaign, due_at) WHERE state = 'waiting';
CREATE INDEX enrollment_subscription ON enrollment (subscription);
CREATE INDEX enrollment_campaign ON enrollment (campaign, state);

-- The outbox and its history. What a message is made of never changes. Of a
-- confirmation, `campaign` is the list and `version` the snapshot. `subscription`
-- is that of the enrollment or sign-up, whose key guards it.
CREATE TABLE message (
  id          INTEGER PRIMARY KEY,
  kind        TEXT    NOT NULL CHECK (kind IN ('step', 'confirmation')),
  subscriber  INTEGER NOT NULL REFERENCES subscriber (id),
  subscription INTEGER NOT NULL,
  campaign    TEXT    NOT NULL,
  step        TEXT    NOT NULL,
  occurrence  INTEGER NOT NULL,
  enrollment  INTEGER REFERENCES enrollment (id),
  sign_up     INTEGER REFERENCES sign_up (id),
  version     TEXT    NOT NULL,
  frozen      TEXT    NOT NULL CHECK (json_valid(frozen)),
  message_id  TEXT    UNIQUE,
  planned_at  INTEGER NOT NULL,
  dated_at    INTEGER,
  state       TEXT    NOT NULL CHECK (state IN ('due', 'claimed', 'sent', 'refused', 'unknown',
                                                'dropped', 'expired', 'quarantined', 'skipped')),
  due_at      INTEGER,
  worker      INTEGER,
  attempt     INTEGER NOT NULL DEFAULT 0,
  deferrals   INTEGER NOT NULL DEFAULT 0,
  deferred_since INTEGER,
  unknowns    INTEGER NOT NULL DEFAULT 0,
  reason      TEXT,
  body_hash   TEXT,
  settled_at  INTEGER,
  UNIQUE (subscriber, kind, campaign, step, occurrence),
  CHECK ((kind = 'step') = (enrollment IS NOT NULL)),
  CHECK ((kind = 'confirmation') = (sign_up IS NOT NULL)),
  CHECK ((state = 'due') = (due_at IS NOT NULL)),
  CHECK ((state = 'claimed') = (worker IS NOT NULL)),
  CHECK ((state IN ('due', 'claimed')) = (settled_at IS NULL)),
  CHECK (state != 'claimed' OR dated_at IS NOT NULL),
  CHECK (state = 'skipped' OR message_id IS NOT NULL)
) STRICT;
CREATE INDEX message_due ON message (due_at, id) WHERE state = 'due';
CREATE INDEX message_claimed ON message (id) WHERE state = 'claimed';
CREATE INDEX message_enrollment ON message (enrollment) WHERE enrollment IS NOT NULL;
CREATE INDEX message_sign_up ON message (sign_up) WHERE sign_up IS NOT NULL;

-- Intents and verdicts: a row without `finished_at` is a message in somebody's hands.
CREATE TABLE attempt (
  message      INTEGER NOT NULL REFERENCES message (id),
  number       INTEGER NOT NULL,
  worker       INTEGER NOT NULL,
  started_at   INTEGER NOT NULL,
  finished_at  INTEGER,
  verdict      TEXT,
  stage        TEXT,
  reply        TEXT,
  PRIMARY KEY (message, number)
) STRICT, WITHOUT ROWID;
