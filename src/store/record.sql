-- What is kept: acts, entries, checkpoints, cosignatures, procedures, and the
-- few things that are no acts (settings, peers' addresses).  All else can be
-- dropped and rebuilt: derived.sql.

-- Named settings of this node.
CREATE TABLE setting(
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Parties known here.  The charter is the identity and never changes; the
-- address is where its node was last to be reached, and is no act.
CREATE TABLE party(
  no INTEGER PRIMARY KEY,
  charter BLOB NOT NULL UNIQUE CHECK(length(charter) = 32),
  code TEXT NOT NULL UNIQUE,
  own INTEGER NOT NULL,
  address TEXT NOT NULL,
  told INTEGER NOT NULL DEFAULT 0,   -- cosignature changes sent to it
  given INTEGER NOT NULL DEFAULT 1,  -- our acts below this entry it has
  added_us INTEGER NOT NULL
) STRICT;

-- The newest signed head of each log.
CREATE TABLE head(
  party INTEGER PRIMARY KEY REFERENCES party(no),
  size INTEGER NOT NULL,
  note BLOB NOT NULL,
  heard_us INTEGER NOT NULL          -- when its node last spoke to us
) STRICT;

-- Every log, mirrored whole: 48 bytes an entry.
CREATE TABLE entry(
  party INTEGER NOT NULL REFERENCES party(no),
  idx INTEGER NOT NULL,
  act BLOB NOT NULL,
  label BLOB NOT NULL,
  PRIMARY KEY(party, idx)
) STRICT, WITHOUT ROWID;

-- The acts that we may read: payload as signed, signatures as key and
-- signature, 96 bytes each.  `file` is 1 for an act of its party's own file
-- (charter, mandates, keys), 2 where such an act has a wrong label.
CREATE TABLE act(
  seq INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  party INTEGER NOT NULL REFERENCES party(no),
  idx INTEGER NOT NULL,
  payload BLOB NOT NULL,
  signatures BLOB NOT NULL,
  received_us INTEGER NOT NULL,
  file INTEGER NOT NULL,
  UNIQUE(party, idx)
) STRICT;
CREATE INDEX act_file ON act(party, idx) WHERE file > 0;

-- Signed heads that somebody cosigned.
CREATE TABLE checkpoint(
  party INTEGER NOT NULL REFERENCES party(no),
  size INTEGER NOT NULL,
  note BLOB NOT NULL,
  PRIMARY KEY(party, size)
) STRICT, WITHOUT ROWID;

-- Witnesses: members' nodes, and outside ones that charters name.
CREATE TABLE witness(
  no INTEGER PRIMARY KEY,
  party INTEGER REFERENCES party(no),
  vkey TEXT NOT NULL UNIQUE
) STRICT;

-- Of each witness on each checkpoint: the earliest and the latest.  `change`
-- counts up where we have to pass it on to the others.
CREATE TABLE cosignature(
  party INTEGER NOT NULL REFERENCES party(no),
  witness INTEGER NOT NULL REFERENCES witness(no),
  size INTEGER NOT NULL,
  first_s INTEGER NOT NULL,
  first_sig BLOB NOT NULL,
  last_s INTEGER NOT NULL,
  last_sig BLOB NOT NULL,
  change INTEGER NOT NULL,
  PRIMARY KEY(party, witness, size)
) STRICT, WITHOUT ROWID;
CREATE INDEX cosignature_change ON cosignature(change) WHERE change > 0;

CREATE TABLE procedure(
  id BLOB PRIMARY KEY,
  name TEXT NOT NULL,
  file BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Two checkpoints that cannot both be true: evidence that anyone can check.
CREATE TABLE fork(
  no INTEGER PRIMARY KEY,
  party INTEGER NOT NULL REFERENCES party(no),
  note_a BLOB NOT NULL,
  note_b BLOB NOT NULL,
  found_us INTEGER NOT NULL,
  UNIQUE(party, note_b)
) STRICT;

-- Logs of others that this node witnesses (C2SP tlog-witness).
CREATE TABLE foreign_log(
  origin TEXT PRIMARY KEY,
  vkey TEXT NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  note BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Acts to hand to a party beside the order of our log: asked for again, or
-- disclosed later.
CREATE TABLE handed(
  party INTEGER NOT NULL REFERENCES party(no),
  act INTEGER NOT NULL REFERENCES act(seq),
  PRIMARY KEY(party, act)
) STRICT, WITHOUT ROWID;

-- Cosigned heads beyond what we hold of a log, kept until it arrives.
CREATE TABLE early(
  party INTEGER NOT NULL REFERENCES party(no),
  size INTEGER NOT NULL,
  note BLOB NOT NULL,
  PRIMARY KEY(party, size, note)
) STRICT, WITHOUT ROWID;
