from datetime import datetime

from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class Subscription(db.Model):
    __tablename__ = "subscriptions"
    id = db.Column(db.Integer, primary_key=True)
    plan = db.Column(db.String(30), nullable=False)
    started_at = db.Column(db.DateTime, default=datetime.utcnow)
    cancelled_at = db.Column(db.DateTime, nullable=True)


@app.route("/subscriptions/<plan>")
def active_subscriptions(plan):
    subs = (
        Subscription.query.filter_by(plan=plan)
        .filter(Subscription.cancelled_at is None)  # BAD
        .order_by(Subscription.started_at)
        .all()
    )
    return jsonify([{"id": s.id, "active": s.cancelled_at is None} for s in subs])
