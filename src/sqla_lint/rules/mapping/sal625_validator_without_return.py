"""SAL625: a `@validates` function that returns nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Applicability, Insert, Project, Report, Rewrite, Severity, rule


@rule("SAL625", "validator-without-return", severity=Severity.ERROR, fix="unsafe")
def validator_without_return(project: Project) -> Iterator[Report]:
    """A `@validates` function reaches its end without returning the value.

    ## What it does
    Reports functions decorated with `@validates` that, on some way through, return nothing.

    ## Why is this bad?
    What the function returns is what is stored. Without a `return` every assignment to the
    attribute sets it to None.

    ## Example
    ```python
    @validates("email")
    def check(self, key, value):
        if "@" not in value:
            raise ValueError("no address")
    ```

    ## Use instead
    ```python
    @validates("email")
    def check(self, key, value):
        if "@" not in value:
            raise ValueError("no address")
        return value
    ```

    ## Fix safety
    The fix returns the parameter at the end. It is unsafe: values are stored that were lost before.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A function that always raises is silent, and so is a way that says `return None`.

    ## References
    SQLAlchemy docs, "Changing Attribute Behavior": simple validators.
    """
    for attribute in project.attributes():
        if not any(d.library == "validates" for d in attribute.decorators):
            continue
        function = project.function(attribute.function)
        if function is None or len(function.params) < 3 or not project.ends_without_value(function):
            continue
        value = function.params[2].name
        names = [a.text for d in attribute.decorators for a in d.args if a.text is not None]
        shown = ", ".join(f"`{name}`" for name in names) or "the attribute"
        yield Report(
            function.at,
            f"`{attribute.name}` returns nothing at its end: {shown} is set to None",
            help=f"end with `return {value}`",
            rewrite=Rewrite(
                f"return {value} at the end",
                Applicability.UNSAFE,
                (Insert(function.at, "body-end", f"return {value}"),),
            ),
            path=attribute.path,
        )
