from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.hybrid import hybrid_property

db = SQLAlchemy()


class Seller(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50), nullable=False)
    city_id = db.Column(db.Integer, db.ForeignKey("city.id"))
    city = db.relationship("City", backref="sellers")
    products = db.relationship("Product", back_populates="seller", lazy="select")

    @property
    def place(self):
        return f"{self.name} ({self.city.name})"

    def rating(self):
        marks = [review.mark for product in self.products for review in product.reviews]
        return sum(marks) / len(marks) if marks else None


class City(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))


class Product(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(80))
    price = db.Column(db.Integer, default=0)
    stock = db.Column(db.Integer, default=0)
    seller_id = db.Column(db.Integer, db.ForeignKey("seller.id"))
    seller = db.relationship("Seller", back_populates="products")
    reviews = db.relationship("Review", backref=db.backref("product"), lazy=True)

    @hybrid_property
    def sold_out(self):
        return self.stock == 0

    @property
    def mark(self):
        if not self.reviews:
            return 0
        return sum(r.mark for r in self.reviews) / len(self.reviews)

    def to_dict(self, with_seller=False):
        data = {"id": self.id, "title": self.title, "price": self.price}
        if with_seller:
            data["seller"] = self.seller.name
        return data


class Review(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    mark = db.Column(db.Integer)
    text = db.Column(db.Text)
    product_id = db.Column(db.Integer, db.ForeignKey("product.id"))


class Order(db.Model):
    __tablename__ = "orders"

    id = db.Column(db.Integer, primary_key=True)
    state = db.Column(db.String(10), default="new")
    lines = db.relationship("OrderLine", back_populates="order", cascade="all, delete-orphan")

    @property
    def total(self):
        return sum(line.count * line.product.price for line in self.lines)


class OrderLine(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    count = db.Column(db.Integer, default=1)
    order_id = db.Column(db.Integer, db.ForeignKey("orders.id"))
    product_id = db.Column(db.Integer, db.ForeignKey("product.id"))
    order = db.relationship("Order", back_populates="lines")
    product = db.relationship("Product", lazy="joined")
