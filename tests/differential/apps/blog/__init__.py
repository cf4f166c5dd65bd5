"""A blog: Flask-SQLAlchemy, a factory, blueprints and a few scripts."""

from flask import Flask

from blog.extensions import db


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    from blog.views import bp

    app.register_blueprint(bp)
    return app
