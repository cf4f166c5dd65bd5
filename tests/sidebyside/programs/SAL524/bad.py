from sqlalchemy import Column, Integer, String, delete, or_
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class CacheEntry(Base):
    __tablename__ = "cache_entries"
    id = Column(Integer, primary_key=True)
    key = Column(String(200), unique=True)
    tenant = Column(String(40))


class CacheStore:
    def __init__(self, session):
        self.session = session

    def put(self, key, tenant):
        self.session.add(CacheEntry(key=key, tenant=tenant))
        self.session.commit()

    def invalidate(self, prefixes):
        conditions = [CacheEntry.key.startswith(prefix) for prefix in prefixes]
        result = self.session.execute(delete(CacheEntry).where(or_(*conditions)))  # BAD
        self.session.commit()
        return result.rowcount
