from typing import Optional

from sqlalchemy import select
from sqlalchemy.orm import Session

from .access import may_edit, readable_by
from .models import Member, Recipe


class Kitchen:
    def __init__(self, session: Session, member: Optional[Member] = None):
        self.session = session
        self.member = member

    def titles(self, word: Optional[str] = None) -> list[str]:
        stmt = select(Recipe.title).where(readable_by(self.member))
        if word is not None and word.strip():
            stmt = stmt.where(Recipe.title.icontains(word.strip(), autoescape=True))
        return list(self.session.scalars(stmt.order_by(Recipe.title)))

    def rename(self, recipe_id: int, title: str) -> bool:
        recipe = self.session.get(Recipe, recipe_id)
        if not recipe or not self.member or not may_edit(recipe, self.member):
            return False
        recipe.title = title or recipe.title
        self.session.commit()
        return True
