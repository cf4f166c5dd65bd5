"""What a SQL string says."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sqla_lint import sqltext
from sqla_lint.sqltext import HOLE, _all, _quick
from sqla_lint.sqltext.statements import VERBS
from sqla_lint.sqltext.tokens import MAX_LENGTH

READ, DML, DDL, TRANSACTION, SETTING = "read", "dml", "ddl", "transaction", "session-setting"

ROWS = [
    # text, verb, kind, writes
    ("select 1", "SELECT", READ, False),
    ("  \n\tSELECT\n 1", "SELECT", READ, False),
    ("(select 1) union (select 2)", "SELECT", READ, False),
    ("-- why\n/* and how */ INSERT into t values(1)", "INSERT", DML, True),
    ("INSERT/**/INTO t DEFAULT VALUES", "INSERT", DML, True),
    ("update t set a = 1", "UPDATE", DML, True),
    ("DELETE\tFROM t", "DELETE", DML, True),
    ("REPLACE INTO t VALUES (1)", "REPLACE", DML, True),
    ("select replace(a, 'x', 'y') from t", "SELECT", READ, False),
    ("MERGE INTO t USING s ON 1 = 1 WHEN MATCHED THEN DELETE", "MERGE", DML, True),
    ('Select"a" from t', "SELECT", READ, False),
    ("values (1), (2)", "VALUES", READ, False),
    ("TABLE t", "TABLE", READ, False),
    # with
    ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "INSERT", DML, True),
    ("with recursive a(x) as (select 1), b as (select 2) select 3", "SELECT", READ, False),
    ("with a as not materialized (select 1) update t set x = 1", "UPDATE", DML, True),
    ("WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", "SELECT", DML, True),
    ("WITH a AS (WITH b AS (DELETE FROM t) SELECT 1) SELECT 2", "SELECT", DML, True),
    ("WITH x AS (SELECT 1) (SELECT * FROM x)", "SELECT", READ, False),
    ("WITH x AS (SELECT 'insert into t') SELECT 1", "SELECT", READ, False),
    ("WITH x AS (SELECT 1", "WITH", None, None),
    # explain: only ANALYZE runs it
    ("EXPLAIN DELETE FROM t", "EXPLAIN", READ, False),
    ("EXPLAIN ANALYZE VERBOSE DELETE FROM t", "EXPLAIN", DML, True),
    ("explain (analyze, buffers) update t set x = 1", "EXPLAIN", DML, True),
    ("EXPLAIN QUERY PLAN SELECT 1", "EXPLAIN", READ, False),
    # select into, locks
    ("SELECT a INTO new FROM t", "SELECT", DDL, True),
    ("SELECT a INTO @v FROM t", "SELECT", READ, False),
    ("SELECT a FROM t WHERE b IN (SELECT 'INTO' FROM s)", "SELECT", READ, False),
    ("SELECT a FROM t FOR UPDATE SKIP LOCKED", "SELECT", READ, False),
    # schema
    ("CREATE TABLE t (a int)", "CREATE", DDL, True),
    ("create or replace view v as select 1", "CREATE", DDL, True),
    ("ALTER TABLE t ADD b int", "ALTER", DDL, True),
    ("DROP INDEX i", "DROP", DDL, True),
    ("truncate t", "TRUNCATE", DDL, True),
    ("comment on table t is 'x'", "COMMENT", DDL, True),
    ("GRANT SELECT ON t TO me", "GRANT", DDL, True),
    # transactions
    ("BEGIN", "BEGIN", TRANSACTION, False),
    ("BEGIN IMMEDIATE", "BEGIN", TRANSACTION, False),
    ("START TRANSACTION", "START", TRANSACTION, False),
    ("ROLLBACK TO SAVEPOINT a", "ROLLBACK", TRANSACTION, False),
    ("RELEASE a", "RELEASE", TRANSACTION, False),
    ("BEGIN; INSERT INTO t VALUES (1); COMMIT", "BEGIN", DML, True),
    # settings and housekeeping
    ("SET search_path = a", "SET", SETTING, False),
    ("PRAGMA foreign_keys=ON", "PRAGMA", SETTING, False),
    ("PRAGMA table_info(t)", "PRAGMA", READ, False),
    ("SHOW TABLES", "SHOW", READ, False),
    ("VACUUM", "VACUUM", None, False),
    ("COPY t FROM STDIN", "COPY", DML, True),
    ("COPY t TO STDOUT", "COPY", READ, False),
    ("COPY (SELECT 1 FROM t) TO STDOUT", "COPY", READ, False),
    # no telling
    ("CALL f()", "CALL", None, None),
    ("EXEC f", "EXEC", None, None),
    ("DO $$ begin delete from t; end $$", "DO", None, None),
    ("BEGIN f(); END", "BEGIN", None, None),
    ("", None, None, None),
    (" ; ", None, None, None),
    ("'x'", None, None, None),
    ("SELECT 1; CALL f()", "SELECT", None, None),
    # holes
    (f"SELECT {HOLE} FROM {HOLE} WHERE a = '{HOLE}'", "SELECT", READ, False),
    (f"INSERT INTO {HOLE} ({HOLE}) VALUES (1)", "INSERT", DML, True),
    (f"update {HOLE}_x set a = 1", "UPDATE", DML, True),
    (f"{HOLE} FROM t", None, None, None),
    (f"SEL{HOLE} FROM t", None, None, None),
    (f"WITH {HOLE} AS (SELECT 1) SELECT 1", "SELECT", READ, False),
    (f"WITH {HOLE} SELECT 1", "SELECT", READ, None),
    (f"WITH a AS ({HOLE}) SELECT 1", "SELECT", READ, None),
]


@pytest.mark.parametrize(("sql", "verb", "kind", "writes"), ROWS)
def test_a_statement_has_a_verb_a_kind_and_writes_or_not(
    sql: str, verb: str | None, kind: str | None, writes: bool | None
) -> None:
    assert (sqltext.verb(sql), sqltext.kind(sql), sqltext.writes(sql)) == (verb, kind, writes)


@pytest.mark.parametrize(
    ("sql", "count"),
    [
        ("", 0),
        (";;", 0),
        ("select 1", 1),
        ("select 1;", 1),
        ("select ';'; -- ;\nselect 2", 2),
        (
            "CREATE TRIGGER g AFTER UPDATE ON t BEGIN UPDATE a SET b = 1; SELECT 2; END; SELECT 1",
            2,
        ),
    ],
)
def test_statements_are_cut_at_semicolons_outside_strings_and_bodies(sql: str, count: int) -> None:
    assert sqltext.statements(sql) == count


def test_a_select_for_update_takes_locks() -> None:
    assert sqltext.locks("SELECT a FROM t FOR UPDATE")
    assert sqltext.locks("SELECT a FROM t FOR NO KEY UPDATE NOWAIT")
    assert not sqltext.locks("SELECT a FROM t WHERE b = 'FOR UPDATE'")


def test_placeholders_are_found_outside_strings_comments_and_quoted_names() -> None:
    sql = "a = %s and b = '%s' and c = %(x)s -- ?\n and d = ? and e = '{}' and f = {} and \"?\" $1"
    assert [(p.text, p.style, p.name) for p in sqltext.placeholders(sql)] == [
        ("%s", "format", ""),
        ("%(x)s", "pyformat", "x"),
        ("?", "qmark", ""),
        ("{}", "brace", ""),
        ("$1", "numeric", "1"),
    ]
    assert [sql[p.start :].startswith(p.text) for p in sqltext.placeholders(sql)] == [True] * 5


def test_json_operators_and_doubled_percents_are_no_placeholders() -> None:
    assert sqltext.placeholders("a ?| b and a ?& c and d like x %% 2") == ()


def test_a_bind_name_that_touches_a_hole_is_left_out() -> None:
    assert sqltext.bind_names(f"a = :x and b = :y{HOLE} and c = {HOLE}:z and :x") == ("x",)


def test_a_long_text_is_not_read_to_its_end_and_says_so() -> None:
    long = "SELECT 1;" + " " * MAX_LENGTH + "DELETE FROM t"
    assert sqltext.verb(long) == "SELECT"
    assert sqltext.writes(long) is None
    assert sqltext.writes("INSERT INTO t VALUES (1)" + ", (1)" * MAX_LENGTH) is True


KEYWORDS = "select insert update delete with as from into for explain analyze begin end create"
SIGNS = "; ( ) ' \" -- /* */ $$ : :: %s ? {} , . a b ` E' #"
WORDS = st.sampled_from([*KEYWORDS.split(" "), *SIGNS.split(" "), HOLE, "\n", "\x00", "\\"])
SQLISH = st.lists(WORDS, max_size=25).map(" ".join) | st.lists(WORDS, max_size=25).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60) | SQLISH)
def test_no_text_makes_it_fail(sql: str) -> None:
    sqltext.verb(sql)
    sqltext.writes(sql)
    sqltext.kind(sql)
    sqltext.locks(sql)
    sqltext.bind_names(sql)
    assert sqltext.statements(sql) >= 0
    for found in sqltext.placeholders(sql):
        assert sql[found.start : found.start + len(found.text)] == found.text


@settings(max_examples=500, deadline=None)
@given(st.sampled_from([*sorted(VERBS), "SELECT", "x"]), st.text(max_size=8) | SQLISH)
def test_the_quick_look_at_the_first_word_gives_what_the_tokenizer_gives(
    word: str, rest: str
) -> None:
    for sql in (word + rest, f"{word} {rest}", f"  {word.lower()}\n{rest}"):
        quick = _quick(sql)
        if quick is not None:
            found = _all(sql)
            assert found[0].verb == quick
            if ";" not in sql and quick in VERBS:
                assert found[0].writes == VERBS[quick][1]


@pytest.mark.parametrize(
    "piece", ["/*", "'", "$a$", "(", "--", "\\", "`", "select ", "with a as (", "explain analyze "]
)
def test_hostile_text_is_dealt_with_in_time(piece: str) -> None:
    begun = time.process_time()
    sqltext.kind(piece * 20_000)
    sqltext.placeholders(piece * 20_000)
    assert time.process_time() - begun < 2  # seconds of CPU, of a text that is cut off
