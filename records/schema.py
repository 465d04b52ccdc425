"""The tables, as numbered migrations: the one place that says what may be stored of a person (codes, years, days).

A migration is never changed once it was released: a new one follows it. ``PRAGMA user_version`` is how many were done.
"""

#: marks a SQLite file as ours ("Psrl"), so that no other program's file is taken for it
APPLICATION_ID = 0x5073726C

_FIRST = (
    """CREATE TABLE seeker (
        id TEXT PRIMARY KEY CHECK (length(id) = 36),
        area TEXT CHECK (length(area) = 4),
        reach_km INTEGER CHECK (reach_km BETWEEN 0 AND 2000),
        created_day TEXT NOT NULL CHECK (length(created_day) = 10),
        updated_day TEXT NOT NULL CHECK (length(updated_day) = 10),
        revision INTEGER NOT NULL CHECK (revision >= 1)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE seeker_occupation (
        seeker TEXT NOT NULL REFERENCES seeker ON DELETE CASCADE,
        position INTEGER NOT NULL CHECK (position >= 0),
        code_rome TEXT NOT NULL CHECK (length(code_rome) = 5),
        years TEXT NOT NULL CHECK (years IN ('0-2', '3-5', '6+')),
        PRIMARY KEY (seeker, position),
        UNIQUE (seeker, code_rome)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE seeker_skill (
        seeker TEXT NOT NULL REFERENCES seeker ON DELETE CASCADE,
        position INTEGER NOT NULL CHECK (position >= 0),
        code_ogr TEXT NOT NULL CHECK (length(code_ogr) BETWEEN 1 AND 7),
        origin TEXT NOT NULL CHECK (origin IN ('declared', 'inferred', 'confirmed')),
        level TEXT CHECK (level IN ('beginner', 'independent', 'expert')),
        PRIMARY KEY (seeker, position),
        UNIQUE (seeker, code_ogr)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE seeker_refusal (
        seeker TEXT NOT NULL REFERENCES seeker ON DELETE CASCADE,
        position INTEGER NOT NULL CHECK (position >= 0),
        context TEXT NOT NULL CHECK (length(context) BETWEEN 1 AND 7),
        PRIMARY KEY (seeker, position),
        UNIQUE (seeker, context)
    ) STRICT, WITHOUT ROWID""",
    # question: codes as JSON; NULL once the seeker it was asked for is erased
    """CREATE TABLE recommendation (
        id TEXT PRIMARY KEY CHECK (length(id) = 36),
        shown_at TEXT NOT NULL CHECK (length(shown_at) = 20),
        data_version TEXT NOT NULL,
        model_version TEXT NOT NULL,
        lens TEXT NOT NULL,
        question TEXT,
        shown TEXT NOT NULL
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX recommendation_by_time ON recommendation (shown_at)",
    # the only way from a seeker to what was shown; it goes with either end
    """CREATE TABLE seeker_recommendation (
        recommendation TEXT PRIMARY KEY REFERENCES recommendation ON DELETE CASCADE,
        seeker TEXT NOT NULL REFERENCES seeker ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID""",
    "CREATE INDEX seeker_recommendation_by_seeker ON seeker_recommendation (seeker)",
    """CREATE TABLE decision (
        sequence INTEGER PRIMARY KEY,
        recommendation TEXT NOT NULL REFERENCES recommendation,
        code_rome TEXT NOT NULL CHECK (length(code_rome) = 5),
        choice TEXT NOT NULL CHECK (choice IN ('keep', 'change', 'dismiss')),
        changed_to TEXT CHECK (length(changed_to) = 5),
        reason TEXT,
        decided_at TEXT NOT NULL CHECK (length(decided_at) = 20),
        CHECK ((choice = 'change') = (changed_to IS NOT NULL)),
        CHECK ((choice = 'dismiss') = (reason IS NOT NULL))
    ) STRICT""",
    "CREATE INDEX decision_by_recommendation ON decision (recommendation)",
    "CREATE INDEX decision_by_time ON decision (decided_at)",
    """CREATE TABLE api_key (
        prefix TEXT PRIMARY KEY CHECK (length(prefix) = 8),
        argon2 TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created_at TEXT NOT NULL,
        last_used_day TEXT CHECK (length(last_used_day) = 10),
        revoked_at TEXT
    ) STRICT, WITHOUT ROWID""",
    # one row: how many times something was deleted, and how many of these the files were written anew after; where the
    # two differ, bytes of what was deleted may still lie in the files (records/erase.py)
    "CREATE TABLE upkeep (deletions INTEGER NOT NULL, scrubbed INTEGER NOT NULL) STRICT",
    "INSERT INTO upkeep VALUES (0, 0)",
)

#: a question's past occupations were codes; each has its years beside it now, null where they were not recorded
_YEARS = (
    """UPDATE recommendation SET question = json_set(question, '$.pastOccupations', json((
        SELECT json_group_array(json_object('codeRome', value, 'years', NULL))
        FROM (SELECT value FROM json_each(question, '$.pastOccupations') ORDER BY key)
    ))) WHERE json_array_length(question, '$.pastOccupations') > 0""",
)

#: every answer that is recorded was a list of occupations; each says its kind now, and holds what was shown by name
_KINDS = (
    """ALTER TABLE recommendation ADD COLUMN kind TEXT NOT NULL DEFAULT 'recommendations'
        CHECK (kind IN ('recommendations', 'potential', 'gap', 'matches'))""",
    "UPDATE recommendation SET shown = json_object('occupations', json(shown))",
)

#: a decision was on an occupation; it may be on an offer. SQLite drops no rule of a column: the table is made anew
_ON_OFFERS = (
    """CREATE TABLE decision_anew (
        sequence INTEGER PRIMARY KEY,
        recommendation TEXT NOT NULL REFERENCES recommendation,
        code_rome TEXT CHECK (length(code_rome) = 5),
        offer TEXT CHECK (length(offer) BETWEEN 1 AND 50),
        choice TEXT NOT NULL CHECK (choice IN ('keep', 'change', 'dismiss')),
        changed_to TEXT CHECK (length(changed_to) = 5),
        reason TEXT,
        decided_at TEXT NOT NULL CHECK (length(decided_at) = 20),
        CHECK ((code_rome IS NULL) <> (offer IS NULL)),
        CHECK ((choice = 'change') = (changed_to IS NOT NULL)),
        CHECK (choice <> 'change' OR code_rome IS NOT NULL),
        CHECK ((choice = 'dismiss') = (reason IS NOT NULL))
    ) STRICT""",
    """INSERT INTO decision_anew (sequence, recommendation, code_rome, choice, changed_to, reason, decided_at)
        SELECT sequence, recommendation, code_rome, choice, changed_to, reason, decided_at FROM decision""",
    "DROP TABLE decision",
    "ALTER TABLE decision_anew RENAME TO decision",
    "CREATE INDEX decision_by_recommendation ON decision (recommendation)",
    "CREATE INDEX decision_by_time ON decision (decided_at)",
    "CREATE INDEX decision_by_offer ON decision (offer) WHERE offer IS NOT NULL",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _YEARS, _KINDS, _ON_OFFERS)
