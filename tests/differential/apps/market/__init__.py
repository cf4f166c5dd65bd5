from flask import Flask

from market.models import db


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///:memory:"
    app.secret_key = "x"
    db.init_app(app)
    from market.routes import shop

    app.register_blueprint(shop)
    return app
