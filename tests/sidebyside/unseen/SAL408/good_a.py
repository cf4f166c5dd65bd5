import json
from typing import Iterable

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

LABELS = text(
    """
    SELECT il.item_id, l.name
    FROM item_labels AS il
    JOIN labels AS l ON l.id = il.label_id
    WHERE il.item_id IN :item_ids
    ORDER BY il.item_id, l.name
    """
)

KNOWN = text(
    """
    SELECT id FROM items
    WHERE id IN (SELECT value FROM json_each(:item_ids))
    ORDER BY id
    """
)


class LabelLoader:
    """Fetches the labels of a page of items at once."""

    def __init__(self, session: Session):
        self.session = session

    def known(self, item_ids: Iterable[int]) -> list[int]:
        packed = json.dumps(sorted(item_ids))
        return list(self.session.scalars(KNOWN, {"item_ids": packed}))

    def load(self, item_ids: Iterable[int]) -> dict[int, list[str]]:
        wanted = self.known(item_ids)
        labels: dict[int, list[str]] = {item_id: [] for item_id in wanted}
        many = bindparam("item_ids", expanding=True)
        rows = self.session.execute(LABELS.bindparams(many), {"item_ids": wanted})
        for item_id, name in rows:
            labels[item_id].append(name)
        return labels
