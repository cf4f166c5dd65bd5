"""SAL626: an attribute that only `__init__` sets is missing on loaded objects."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Model, Note, Report, Severity, rule


@rule("SAL626", "state-only-in-init", group="pedantic", severity=Severity.WARNING)
def state_only_in_init(model: Model) -> Iterator[Report]:
    """A method reads an attribute that only `__init__` sets.

    ## What it does
    Reports attributes of a mapped class that are not mapped, are set in `__init__` and nowhere else
    in the class, and are read by another method.

    ## Why is this bad?
    SQLAlchemy does not call `__init__` for objects it loads. On those the attribute does not exist:
    `AttributeError`, only for rows that come from the database.

    ## Example
    ```python
    def __init__(self, **values):
        super().__init__(**values)
        self.pending = []


    def push(self, move):
        self.pending.append(move)
    ```

    ## Use instead
    ```python
    def __init__(self, **values):
        super().__init__(**values)
        self.prepare()


    @reconstructor
    def prepare(self):
        self.pending = []


    def push(self, move):
        self.pending.append(move)
    ```

    ## Fix safety
    No fix.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Silent where a method with `@reconstructor`, an event or `__new__` may set it, and where not all
    bases are known.

    ## References
    SQLAlchemy docs, "Maintaining Non-Mapped State on Load".
    """
    if not model.exhaustive or model.facts.dataclass or model.facts.style == "sqlmodel":
        return
    known = model.attributes()
    if "__new__" in known or "__getattr__" in known:
        return
    state = model.state()
    if state is None:
        return
    for name, at in state.only_in_init.items():
        read = state.read.get(name)
        if name in known or read is None:
            continue
        yield Report(
            at,
            f"`{name}` is set by `__init__` alone, which is not called for loaded objects: reading"
            " it there raises AttributeError",
            help="set it in a method with `@reconstructor`, too, or give the class a default",
            steps=(Note(f"`{name}` is read here", read, model.facts.path),),
            path=model.facts.path,
        )
