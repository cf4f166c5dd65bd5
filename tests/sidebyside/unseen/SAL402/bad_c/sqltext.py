"""Small pieces of SQL used by the exports."""


def projection(names):
    return ", ".join(f'"{name}"' for name in names)  # BAD


def select_from(source, names):
    lines = ["SELECT"]
    lines.append("  " + projection(names))  # BAD
    lines.append("FROM " + source)
    return "\n".join(lines)  # BAD
