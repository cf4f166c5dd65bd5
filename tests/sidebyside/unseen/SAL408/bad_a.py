from typing import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

TAGS_OF_POSTS = """
    SELECT pt.post_id, t.name
    FROM post_tags AS pt
    JOIN tags AS t ON t.id = pt.tag_id
    WHERE pt.post_id IN :post_ids
"""


class TagLoader:
    """Fetches the tags of a page of posts at once."""

    def __init__(self, session: Session, hidden: bool = False):
        self.session = session
        self.hidden = hidden

    def _statement(self):
        sql = TAGS_OF_POSTS
        if not self.hidden:
            sql += " AND t.hidden = 0"
        return text(sql + " ORDER BY pt.post_id, t.name")  # BAD

    def load(self, post_ids: Iterable[int]) -> dict[int, list[str]]:
        wanted = sorted(set(post_ids))
        tags: dict[int, list[str]] = {post_id: [] for post_id in wanted}
        if not wanted:
            return tags
        rows = self.session.execute(  # BAD
            self._statement(), {"post_ids": wanted}  # BAD
        )
        for post_id, name in rows:
            tags[post_id].append(name)
        return tags
