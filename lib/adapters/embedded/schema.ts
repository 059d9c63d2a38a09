/** Tables of `store.db`. */

/** Stored as `user_version`. */
export const SCHEMA_VERSION = 2;

/**
 * `log` and `chunk` hold payloads of up to some 100 KB and keep their row ids: a tree without them would carry the payloads in its
 * inner pages. The small items live in their primary key. `sum` is the checksum of the columns before it; entries of logs carry their
 * own, and `sha` is that of a chunk's data.
 */
export const SCHEMA = `
CREATE TABLE log (
  log TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  data BLOB,
  ttl INTEGER NOT NULL,
  PRIMARY KEY (log, seq)
) STRICT;

CREATE TABLE chunk (
  collection TEXT NOT NULL,
  key TEXT NOT NULL,
  sha TEXT NOT NULL,
  data BLOB NOT NULL,
  expires_at INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (collection, key)
) STRICT;

CREATE TABLE control (
  pk TEXT NOT NULL,
  sk TEXT NOT NULL,
  version INTEGER NOT NULL,
  body TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (pk, sk)
) STRICT, WITHOUT ROWID;

CREATE TABLE consumer_offset (
  consumer_group TEXT NOT NULL,
  topic TEXT NOT NULL,
  partition INTEGER NOT NULL,
  next INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition)
) STRICT, WITHOUT ROWID`;
