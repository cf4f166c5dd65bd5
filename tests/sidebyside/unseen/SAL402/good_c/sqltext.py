"""Small pieces of SQL used by the exports."""

EXPORTABLE = frozenset({"id", "name", "joined_on", "email"})


class UnknownColumn(ValueError):
    pass


def checked(names):
    for name in names:
        if name not in EXPORTABLE:
            raise UnknownColumn(name)
    return list(names)


def select_from(source, names):
    lines = ["SELECT"]
    lines.append("  " + ", ".join(checked(names)))
    lines.append("FROM " + source)
    return "\n".join(lines)
