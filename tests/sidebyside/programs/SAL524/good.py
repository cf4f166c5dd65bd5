from sqlalchemy import Column, Integer, String, and_, delete, false, or_, select, update
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Mapping(Base):
    __tablename__ = "mappings"
    id = Column(Integer, primary_key=True)
    tenant = Column(String(40), nullable=False)
    source = Column(String(80))
    target = Column(String(80))


def remove_sources(session, tenant, prefixes):
    if not prefixes:
        return 0
    conditions = [Mapping.source.startswith(p) for p in prefixes]
    result = session.execute(delete(Mapping).where(Mapping.tenant == tenant, or_(*conditions)))
    session.commit()
    return result.rowcount


def remove_targets(session, targets):
    conditions = [Mapping.target == t for t in targets if t]
    result = session.execute(delete(Mapping).where(or_(false(), *conditions)))
    session.commit()
    return result.rowcount


def rename(session, tenant, source=None, target="other"):
    filters = [Mapping.tenant == tenant]
    if source:
        filters.append(Mapping.source == source)
    session.execute(update(Mapping).where(and_(*filters)).values(target=target))
    session.commit()
    return session.execute(select(Mapping.id).where(*filters)).scalars().all()
