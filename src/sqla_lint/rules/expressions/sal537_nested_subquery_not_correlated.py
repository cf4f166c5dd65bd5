"""SAL537: a subquery of a subquery names a table of the outermost statement."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, calls, kinds, rule, uncorrelated


@rule(
    "SAL537",
    "nested-subquery-not-correlated",
    group="preview",
    severity=Severity.ERROR,
    on=calls("where", "filter", receivers=(kinds.SELECT, kinds.QUERY)),
)
def nested_subquery_not_correlated(call: Call) -> Iterator[Report]:
    """A subquery of a subquery names a table of the outermost statement without `correlate()`.

    ## What it does
    Reports an EXISTS, or a SELECT that stands for a value, inside of another one, whose criteria
    name a column of a class of the statement around both.

    ## Why is this bad?
    Only the SELECT directly around a subquery is correlated by itself. The table of the outermost
    statement is put into the FROM of the inner subquery once more: it asks whether any student has
    passed, not whether this one has. There is no error and no warning.

    ## Example
    ```python
    passed = exists().where(Pass.student_id == Student.id, Pass.course == Course.name)
    missing = exists().where(Course.program == Student.program, ~passed)
    stmt = select(Student).where(~missing)
    ```

    ## Use instead
    ```python
    passed = exists().where(Pass.student_id == Student.id, Pass.course == Course.name)
    missing = exists().where(Course.program == Student.program, ~passed.correlate(Course, Student))
    stmt = select(Student).where(~missing)
    ```

    ## Fix safety
    No fix: which tables are those of the statements around it, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only statements that are made in one way, and whose tables are mapped classes or tables.
    Subqueries of `any()` and `has()` are not looked into.

    ## References
    SQLAlchemy docs, "Working with Data": Using SELECT Statements, Scalar and Correlated Subqueries.
    """
    for found in uncorrelated(call):
        table = f"`{found.table}`" if found.table else "the table"
        yield Report(
            found.at,
            f"{table} of the outermost statement is not correlated here: this subquery gets"
            " a FROM of its own for it, and asks for any row",
            help="name the tables of the statements around it: `.correlate(...)`",
            steps=found.steps,
            path=found.path,
        )
