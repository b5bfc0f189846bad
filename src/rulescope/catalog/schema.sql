-- The catalogue: one SQLite file that holds what was read and understood of all rules.
--
-- It is written afresh by each build and read-only afterwards. The same rules give the same bytes: there are no times
-- of writing in it, rows are written in a fixed order, and numbers of rules follow repository and path.
-- `application_id` tells it from other SQLite files, `user_version` is the version of this schema.
-- The JSON columns hold JSON text; `record` and `content` hold msgpack, for Rulescope's own use.

-- What the catalogue as a whole was made from.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY, -- `fingerprint`: a hash over the code and knowledge that read the rules; `inputs`: over the files read; `rulescope`: its version
    value TEXT NOT NULL     -- the value
) WITHOUT ROWID;

-- Where rules come from.
CREATE TABLE repository (
    repository_id INTEGER PRIMARY KEY, -- 1, 2, … by name
    slug          TEXT NOT NULL UNIQUE, -- a safe file name, for links
    name          TEXT NOT NULL UNIQUE, -- as rules name it
    license       TEXT                  -- the licence that its rules are under, where all say the same
);

-- Every file that was read, also those without a rule (macros, lookups, data sources).
CREATE TABLE file (
    file_id    INTEGER PRIMARY KEY,
    repository TEXT NOT NULL, -- the repository's name
    path       TEXT NOT NULL, -- the path inside the repository
    hash       TEXT NOT NULL, -- BLAKE2b over the file's bytes, by which the next build knows that it did not change
    content    BLOB NOT NULL, -- what the file gave beside rules
    UNIQUE (repository, path)
);

-- Files that hold nothing that is read as a rule or as what rules need, most first.
CREATE TABLE other_file (
    ending TEXT PRIMARY KEY, -- the ending of their name with its dot; the name, where it has none
    files  INTEGER NOT NULL  -- how many
) WITHOUT ROWID;

-- The rules, one row each, also those that could not be understood.
CREATE TABLE rule (
    rule_id       INTEGER PRIMARY KEY,   -- 1, 2, … in order of repository and path
    slug          TEXT NOT NULL UNIQUE,  -- a safe file name, for links
    repository_id INTEGER NOT NULL REFERENCES repository,
    file_id       INTEGER NOT NULL REFERENCES file,
    path          TEXT NOT NULL UNIQUE,  -- the rule's name: repository, path in it, and `#n` or `#title` where a file has several
    identifier    TEXT,                  -- the author's identifier; not always unique
    title         TEXT NOT NULL,
    language      TEXT NOT NULL,         -- `spl`, `snowflake`, …
    parse         TEXT NOT NULL,         -- `full`, `partial` or `failed`
    severity      TEXT,                  -- the author's word
    macro_hash    TEXT NOT NULL,         -- over the definitions of the macros it uses: a change reads the rule again
    record        BLOB NOT NULL          -- everything else that its page says
);

-- The stages of each rule's pipeline, as written.
CREATE TABLE stage (
    rule_id INTEGER NOT NULL REFERENCES rule,
    number  INTEGER NOT NULL, -- from 1
    kind    TEXT NOT NULL,    -- the shared word for what it does
    effect  TEXT NOT NULL,    -- what it does to rows: `filter`, `group`, `shape`, …
    PRIMARY KEY (rule_id, number)
) WITHOUT ROWID;

-- What was wrong or doubtful in each rule.
CREATE TABLE diagnostic (
    rule_id  INTEGER NOT NULL REFERENCES rule,
    position INTEGER NOT NULL, -- from 1, in order of place
    code     TEXT NOT NULL,
    severity TEXT NOT NULL,    -- `error`, `warning` or `info`
    message  TEXT NOT NULL,
    line     INTEGER NOT NULL, -- in the rule's file, from 1
    "column" INTEGER NOT NULL, -- from 1
    PRIMARY KEY (rule_id, position)
) WITHOUT ROWID;

-- What of the given files no rule came of, or may be missing from one, in order of path and place.
CREATE TABLE passed_over (
    number   INTEGER PRIMARY KEY, -- 1, 2, …
    account  TEXT NOT NULL, -- `unreadable`: a rule, or a file that may hold some; `not opened`: a link, a pipe and the like; `noted`: said of a file that was read
    path     TEXT NOT NULL, -- the rule's or file's; a broken part of a file that holds other things is `<file>#line <n>`
    code     TEXT NOT NULL,
    severity TEXT NOT NULL, -- `error`, `warning` or `info`
    message  TEXT NOT NULL,
    hint     TEXT,
    line     INTEGER,       -- in the file, from 1; nothing where it has no place there
    "column" INTEGER,       -- from 1
    rule_id  INTEGER REFERENCES rule -- the row that stands for what is unreadable, where there is one
);

-- Fields, under the names of the shared vocabulary.
CREATE TABLE field (
    field_id INTEGER PRIMARY KEY,
    slug     TEXT NOT NULL UNIQUE, -- a safe file name, for links
    name     TEXT NOT NULL UNIQUE  -- the canonical name
);

-- Which rules read which fields.
CREATE TABLE rule_field (
    rule_id  INTEGER NOT NULL REFERENCES rule,
    field_id INTEGER NOT NULL REFERENCES field,
    written  TEXT NOT NULL, -- the name that the rule uses
    PRIMARY KEY (rule_id, field_id, written)
) WITHOUT ROWID;

-- The values that rules look for, rule out, or compare their own results with.
CREATE TABLE indicator (
    rule_id            INTEGER NOT NULL REFERENCES rule,
    role               TEXT NOT NULL,    -- `indicator`, `exclusion` or `threshold`
    position           INTEGER NOT NULL, -- from 1, within the role, in order of place
    field_id           INTEGER NOT NULL REFERENCES field,
    written            TEXT NOT NULL,    -- the field's name in the rule
    kind               TEXT NOT NULL,    -- the comparison: `eq`, `contains`, `match`, …
    value              TEXT NOT NULL,    -- the value as text
    as_field_id        INTEGER NOT NULL REFERENCES field, -- the field that rules are compared by: the base name of a path
    as_kind            TEXT NOT NULL,    -- the comparison there
    as_value           TEXT NOT NULL,    -- the value there, as written
    comparable         TEXT NOT NULL,    -- the same in lower case, a regular expression to the letter
    derived            TEXT NOT NULL,    -- how `as_field_id` follows from `field_id`, in words (or `as_kind` from `kind`); empty where they are one
    stage              INTEGER NOT NULL,
    others             INTEGER NOT NULL, -- how many other rules look for the same
    others_derived     INTEGER NOT NULL, -- those of them that compare another field or in another way
    others_by_language TEXT NOT NULL,    -- JSON: all of them by language
    PRIMARY KEY (rule_id, role, position)
) WITHOUT ROWID;

-- Text that rules look for in the raw event.
CREATE TABLE term (
    rule_id   INTEGER NOT NULL REFERENCES rule,
    position  INTEGER NOT NULL, -- from 1, in order of place
    stage     INTEGER NOT NULL,
    term      TEXT NOT NULL,
    directive TEXT,             -- `TERM`, `CASE` or nothing
    excluded  INTEGER NOT NULL, -- 1 where the text must not be there
    PRIMARY KEY (rule_id, position)
) WITHOUT ROWID;

-- The kinds of events that rules look at.
CREATE TABLE event (
    event_key     INTEGER PRIMARY KEY,
    slug          TEXT NOT NULL UNIQUE, -- a safe file name, for links
    provider      TEXT NOT NULL,        -- who writes the event
    provider_slug TEXT NOT NULL,        -- a safe file name, for links
    event_id      TEXT,                 -- its number there, where it has one
    title         TEXT,
    channel       TEXT,                 -- the log that it is written to
    fields        TEXT NOT NULL         -- JSON: the names of its fields
);

-- Which rules look at which events.
CREATE TABLE rule_event (
    rule_id   INTEGER NOT NULL REFERENCES rule,
    position  INTEGER NOT NULL, -- from 1
    event_key INTEGER NOT NULL REFERENCES event,
    evidence  TEXT NOT NULL,    -- JSON: what in the rule says so
    derived   INTEGER NOT NULL, -- 1 where the rule does not name it: it names a category, model or index that it is in
    alike     INTEGER NOT NULL, -- 1 where it is none of the table's that the rule reads, but tells the same in another log
    PRIMARY KEY (rule_id, position)
) WITHOUT ROWID;

-- ATT&CK tactics in ATT&CK's order.
CREATE TABLE tactic (
    tactic   TEXT PRIMARY KEY, -- its name
    slug     TEXT NOT NULL UNIQUE,
    position INTEGER NOT NULL
) WITHOUT ROWID;

-- ATT&CK techniques that rules name.
CREATE TABLE technique (
    technique_id TEXT PRIMARY KEY, -- `T1021` or `T1021.002`
    name         TEXT,             -- nothing where ATT&CK does not know it
    status       TEXT,             -- `revoked` or `deprecated`, else nothing
    parent       TEXT              -- the technique that it is a part of
) WITHOUT ROWID;

-- Which rules are for which techniques, in the author's order.
CREATE TABLE rule_attack (
    rule_id      INTEGER NOT NULL REFERENCES rule,
    position     INTEGER NOT NULL, -- from 1
    tactic       TEXT,
    technique_id TEXT REFERENCES technique,
    derived      INTEGER NOT NULL, -- 1 where the author gave no tactic and the technique merely belongs to this one
    PRIMARY KEY (rule_id, position)
) WITHOUT ROWID;

-- The macros that rules call.
CREATE TABLE macro (
    macro_id INTEGER PRIMARY KEY,
    slug     TEXT NOT NULL UNIQUE, -- a safe file name, for links
    name     TEXT NOT NULL UNIQUE, -- with `(n)` where it takes n arguments
    known    INTEGER NOT NULL,     -- 1 where a body is known, at least for one repository
    meaning  TEXT                  -- what it selects, where only that is known
);

-- What macros stand for.
CREATE TABLE macro_definition (
    macro_id   INTEGER NOT NULL REFERENCES macro,
    position   INTEGER NOT NULL, -- from 1
    arguments  TEXT NOT NULL,    -- JSON: the names of the arguments
    definition TEXT NOT NULL,    -- the body
    origin     TEXT NOT NULL,    -- the file or pack that it is from
    PRIMARY KEY (macro_id, position)
) WITHOUT ROWID;

-- Which rules call which macros, also through other macros.
CREATE TABLE rule_macro (
    rule_id  INTEGER NOT NULL REFERENCES rule,
    macro_id INTEGER NOT NULL REFERENCES macro,
    known    INTEGER NOT NULL, -- 1 where this rule's call has a body
    PRIMARY KEY (rule_id, macro_id)
) WITHOUT ROWID;

-- How rules stand to other rules.
CREATE TABLE relation (
    rule_id  INTEGER NOT NULL REFERENCES rule,
    kind     TEXT NOT NULL,    -- `variant`, `duplicate`, or the other is `broader`, `narrower` or `similar`
    position INTEGER NOT NULL, -- from 1, nearest first
    other_id INTEGER NOT NULL REFERENCES rule,
    why      TEXT NOT NULL,    -- in words
    PRIMARY KEY (rule_id, kind, position)
) WITHOUT ROWID;

-- The last run of these rules on logs (`rulescope run --catalog`): one row, or none. A build leaves it empty.
CREATE TABLE run (
    run_id INTEGER PRIMARY KEY,
    at     TEXT NOT NULL,   -- when, ISO 8601 in UTC
    logs   TEXT NOT NULL,   -- JSON: the files and folders that were given
    events INTEGER NOT NULL -- how many were read
);

-- What became of each rule in that run.
CREATE TABLE run_rule (
    rule_id INTEGER PRIMARY KEY REFERENCES rule,
    status  TEXT NOT NULL,    -- `run`, `refused` or `failed`
    "rows"  INTEGER NOT NULL, -- rows of its result
    events  INTEGER NOT NULL, -- events behind them, as far as they were listed
    message TEXT              -- why it was refused or failed
) WITHOUT ROWID;

-- The first events behind each hit.
CREATE TABLE run_event (
    rule_id  INTEGER NOT NULL REFERENCES rule,
    position INTEGER NOT NULL, -- from 1, in order of the logs
    file     TEXT NOT NULL,
    record   INTEGER NOT NULL, -- EventRecordID of EVTX, else the line
    PRIMARY KEY (rule_id, position)
) WITHOUT ROWID;

-- Full-text search over rules; `rowid` is `rule_id`.
CREATE VIRTUAL TABLE rule_text USING fts5 (
    title, description, identifiers, techniques, indicators, terms,
    tokenize = "unicode61 tokenchars '_'"
);
