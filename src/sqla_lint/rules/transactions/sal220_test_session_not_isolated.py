"""SAL220: a session of the tests whose work the next test meets."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    functions_with,
    kinds,
    left_open,
    rolled_back_only,
    rows_left,
    rule,
)


@rule(
    "SAL220",
    "test-session-not-isolated",
    group="preview",
    severity=Severity.WARNING,
    on=functions_with(kinds.SESSION),
)
def test_session_not_isolated(function: Function) -> Iterator[Report]:
    """What one test does to the database is still there in the next one.

    ## What it does
    Reports sessions on an engine of the module that a pytest fixture lends, or the `setUp` of a
    test case makes, and that nothing closes or rolls back after the test; fixtures that undo the
    work of a test with a `rollback()` alone, when a test commits; and rows that a fixture commits
    for each test, or that a test commits, when another test reads all rows of their class.

    ## Why is this bad?
    A session that is left open keeps its transaction, and with it its locks: the next test, or the
    `drop_all()` at the end, waits for them, forever on PostgreSQL. A rollback after a commit undoes
    nothing: the rows stay, and tests pass or fail by the order in which they run.

    ## Example
    ```python
    @pytest.fixture
    def session():
        session = Session(engine)
        yield session
        session.rollback()


    def test_create(session):
        session.add(User(name="ann"))
        session.commit()
    ```

    ## Use instead
    ```python
    @pytest.fixture
    def session():
        with engine.connect() as connection:
            outer = connection.begin()
            mode = "create_savepoint"
            with Session(connection, join_transaction_mode=mode) as session:
                yield session
            outer.rollback()
    ```

    ## Fix safety
    No fix: how the tests are to be kept apart, the author must say.

    ## Versions
    1.4, 2.0 and 2.1, sync and async; `join_transaction_mode` since 2.0.

    ## Limits
    Silent where a fixture for every test deletes rows or makes the tables anew, and where the
    engine of the session is not known.

    ## References
    SQLAlchemy docs, "Transactions and Connection Management": Joining a Session into an External
    Transaction (such as for test suites).
    """
    for root in left_open(function):
        yield Report(
            function.op(root.position).at,
            f"nothing closes {function.name_of(root)} after the test: its transaction and locks"
            " stay, and the next test or `drop_all()` waits for them",
            help="make it in a `with` block around the `yield`, or close it in the tear-down",
        )
    for root, rollback, commit in rolled_back_only(function):
        test = commit.test.rpartition(".")[2]
        yield Report(
            function.op(root.position).at,
            f"the rollback of {function.name_of(root)} does not undo what tests commit:"
            f" `{test}` leaves its rows to the others",
            help="bind the session to a connection whose transaction is rolled back, with"
            ' `join_transaction_mode="create_savepoint"`',
            steps=(
                Note(f"committed in `{test}`", commit.op.at, commit.path),
                Note("rolled back here", rollback.at),
            ),
        )
    for left in rows_left(function):
        model, test = left.model.rpartition(":")[2], left.met_by.rpartition(".")[2]
        by = left.by.rpartition(".")[2]
        what = (
            f"the `{model}` that `{by}` commits for each test stays, and nothing deletes it:"
            f" `{test}` reads those of other tests, too"
            if left.own
            else f"the `{model}` that `{by}` commits stays, and nothing deletes it: `{test}` reads"
            " all of them"
        )
        yield Report(
            left.at.at,
            what,
            help="bind the session to a connection whose transaction is rolled back, with"
            ' `join_transaction_mode="create_savepoint"`, or delete the rows after each test',
            steps=() if left.own else (Note(f"committed in `{by}`", left.commit.at, left.path),),
        )
