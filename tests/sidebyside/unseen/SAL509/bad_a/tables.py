from sqlalchemy import Boolean, Column, DateTime, Integer, MetaData, String, Table

metadata = MetaData()

coupons = Table(
    "coupons",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(20), nullable=False, unique=True),
    Column("campaign", String(40), nullable=False),
    Column("active", Boolean, nullable=False, default=True),
    Column("expires_at", DateTime),
)
