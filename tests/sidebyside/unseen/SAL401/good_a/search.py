from dataclasses import dataclass, field
from typing import Any, Optional


@dataclass
class VenueSearch:
    cities: list[str] = field(default_factory=list)
    min_capacity: Optional[int] = None

    base = "SELECT v.id, v.name, v.city FROM venues AS v"

    def build(self) -> tuple[str, dict[str, Any]]:
        clauses = ["v.capacity > 0"]
        params: dict[str, Any] = {}
        if self.cities:
            keys = []
            for position, city in enumerate(self.cities):
                key = f"city_{position}"
                params[key] = city
                keys.append(":" + key)
            clauses.append("v.city IN (%s)" % ", ".join(keys))
        if self.min_capacity is not None:
            clauses.append("v.capacity >= :min_capacity")
            params["min_capacity"] = self.min_capacity
        sql = "\n".join(
            [self.base, "WHERE " + " AND ".join(clauses), "ORDER BY v.name"]
        )
        return sql, params
