from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg://cfg@localhost/cfg")

DEFAULTS = text(
    """INSERT INTO settings (tenant, body) VALUES (:tenant, '{"theme":"dark","beta":false,"limit":10}')"""  # BAD
)


def create_tenant(name):
    with engine.begin() as conn:
        tenant = conn.execute(
            text("INSERT INTO tenants (name) VALUES (:name) RETURNING id"), {"name": name}
        ).scalar_one()
        conn.execute(DEFAULTS, {"tenant": tenant})  # BAD
    return tenant


def theme(tenant):
    with engine.connect() as conn:
        return conn.scalar(text("SELECT body->>'theme' FROM settings WHERE tenant = :tenant"), {"tenant": tenant})


if __name__ == "__main__":
    print(theme(create_tenant("acme")))
