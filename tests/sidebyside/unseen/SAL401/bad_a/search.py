from dataclasses import dataclass
from typing import Optional


@dataclass
class ClinicSearch:
    city: Optional[str] = None
    name: Optional[str] = None
    page_size: int = 25

    base = "SELECT c.id, c.name, c.city FROM clinics AS c"

    def conditions(self) -> list[str]:
        found = ["c.private = 0"]
        if self.city:
            found.append("c.city = '%s'" % self.city)  # BAD
        if self.name:
            prefix = self.name.strip().lower()
            found.append("lower(c.name) = '" + prefix + "'")  # BAD
        return found

    def render(self) -> str:
        return "\n".join(
            [
                self.base,
                "WHERE " + " AND ".join(self.conditions()),  # BAD
                "ORDER BY c.name",
            ]
        )
