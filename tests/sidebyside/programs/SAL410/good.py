from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://cfg@localhost/cfg")

DEFAULTS = text("""INSERT INTO settings (tenant, body) VALUES (:tenant, '{"theme": "dark", "limit": 10}'::jsonb)""")
ESCAPED = text(r"""UPDATE settings SET body = body || '{"beta"\:true}' WHERE tenant = :tenant""")
SHIFT = text("SELECT to_char(at, 'HH24:MI:SS'), tags[1:2], at::date::text FROM shifts WHERE at > '2024-01-01 08:30'")
ALPHA = text("SELECT id FROM tenants WHERE name ~ '^[[:alpha:]]+$' AND url LIKE 'https://%' AND urn <> 'urn:isbn:1'")


def create_tenant(name):
    with engine.begin() as conn:
        tenant = conn.scalar(text("INSERT INTO tenants (name) VALUES (:name) RETURNING id"), {"name": name})
        conn.execute(DEFAULTS, {"tenant": tenant})
        conn.execute(ESCAPED, {"tenant": tenant})
    return tenant


def shifts():
    with engine.connect() as conn:
        return conn.execute(SHIFT).all(), conn.scalars(ALPHA).all()


if __name__ == "__main__":
    create_tenant("acme")
    print(shifts())
