-- What derives from record.sql, and can be dropped and rebuilt.

CREATE INDEX entry_label ON entry(party, label);

-- Full tiles of each log (C2SP tlog-tiles), 8192 bytes, and their roots, which
-- are the hashes of the level above.
CREATE TABLE tile(
  party INTEGER NOT NULL,
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  root BLOB NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY(party, level, idx)
) STRICT, WITHOUT ROWID;

-- The folded state of each matter, for lists and boards.
CREATE TABLE matter(
  no INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  procedure BLOB NOT NULL,
  conference BLOB,
  party INTEGER NOT NULL,      -- of the opening act, and its entry
  idx INTEGER NOT NULL,
  opened_us INTEGER NOT NULL,
  state TEXT NOT NULL,         -- empty: not open yet, or opened void
  since_us INTEGER NOT NULL,
  final INTEGER NOT NULL,
  next_us INTEGER,             -- when time alone changes it
  waits INTEGER NOT NULL,      -- 1: a term is past, its lapse not proven yet
  changed_us INTEGER NOT NULL,
  acts INTEGER NOT NULL,
  latest_us INTEGER NOT NULL,  -- the latest claimed time of its acts
  members TEXT NOT NULL,       -- of a founding matter: steps of membership
  audience TEXT NOT NULL,
  subject TEXT NOT NULL
) STRICT;
CREATE INDEX matter_next ON matter(next_us) WHERE next_us IS NOT NULL;
CREATE INDEX matter_waits ON matter(waits) WHERE waits > 0;
CREATE INDEX matter_conference ON matter(conference) WHERE conference IS NOT NULL;
-- Of lists, whose order is that of `no`, which ends each of these.
CREATE INDEX matter_procedure ON matter(procedure);
CREATE INDEX matter_state ON matter(procedure, state);
CREATE INDEX matter_party ON matter(party);
CREATE INDEX matter_live ON matter(no) WHERE final = 0;
CREATE INDEX matter_public ON matter(no) WHERE audience = '"public"';
CREATE INDEX matter_public_of ON matter(procedure) WHERE audience = '"public"';

-- Which acts a matter has; what was found wrong before the fold (fold_fault).
CREATE TABLE act_in(
  matter INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  party INTEGER NOT NULL,
  fault INTEGER NOT NULL,
  k INTEGER NOT NULL,          -- which of its party's in the matter
  at_us INTEGER NOT NULL,      -- the time that it claims
  open INTEGER NOT NULL,       -- 1: its audience is the public
  PRIMARY KEY(matter, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX act_in_seq ON act_in(seq);
CREATE INDEX act_in_open ON act_in(seq) WHERE open = 1;

-- What parties owe or may do, in matters that go on.
CREATE TABLE term(
  matter INTEGER NOT NULL,
  n INTEGER NOT NULL,
  name TEXT NOT NULL,
  party TEXT NOT NULL,
  kind INTEGER NOT NULL,
  origin BLOB NOT NULL,
  begun_us INTEGER NOT NULL,
  due_us INTEGER,
  status INTEGER NOT NULL,
  PRIMARY KEY(matter, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX term_due ON term(party, due_us);
CREATE INDEX term_begun ON term(party, begun_us);
CREATE INDEX term_past ON term(party) WHERE status = 3; -- FOLD_PAST

-- Which acts name a file, and which files are named and not kept here.
CREATE TABLE file_of(
  sha256 BLOB NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY(sha256, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE file_wanted(
  sha256 BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- Which acts accept a comment on a matter.
CREATE TABLE comment_of(
  about BLOB NOT NULL,         -- the matter's id
  seq INTEGER NOT NULL,
  PRIMARY KEY(about, seq)
) STRICT, WITHOUT ROWID;

-- Numbers of matters hold for this making of the tables alone: who keeps them
-- elsewhere (search.sql) keeps this beside them.
INSERT OR REPLACE INTO setting VALUES('generation', hex(randomblob(16)));
