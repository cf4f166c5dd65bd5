from flask import Blueprint, jsonify, render_template, request
from sqlalchemy.orm import joinedload, selectinload

from market import services
from market.models import Order, Product, Seller, db

shop = Blueprint("shop", __name__)


@shop.route("/")
def index():
    return render_template("index.html", products=services.featured())


@shop.route("/loaded")
def loaded():
    products = Product.query.options(
        joinedload(Product.seller).joinedload(Seller.city), selectinload(Product.reviews)
    ).all()
    return render_template("index.html", products=products)


@shop.route("/sellers")
def sellers():
    return render_template("sellers.html", rows=services.seller_rows())


@shop.route("/grouped")
def grouped():
    return render_template("grouped.html", grouped=services.by_seller())


@shop.route("/seller/<int:seller_id>")
def seller(seller_id):
    found = Seller.query.get_or_404(seller_id)
    return render_template("seller.html", seller=found, rating=found.rating())


@shop.route("/orders")
def orders():
    context = {"orders": services.open_orders(), "title": "Open orders"}
    return render_template("orders.html", **context)


@shop.route("/orders/loaded")
def orders_loaded():
    return render_template("orders.html", orders=services.open_orders_loaded(), title="Open")


@shop.route("/order/<int:order_id>/ship", methods=["POST"])
def ship(order_id):
    order = services.ship(order_id)
    return jsonify(id=order.id, state=order.state, lines=len(order.lines))


@shop.route("/api/products")
def api_products():
    return jsonify([p.to_dict() for p in Product.query.all()])


@shop.route("/api/products/sellers")
def api_products_sellers():
    return jsonify([p.to_dict(with_seller=True) for p in Product.query.all()])


@shop.route("/api/places")
def places():
    return jsonify([s.place for s in Seller.query.filter(Seller.city_id.isnot(None))])


@shop.route("/api/marks")
def marks():
    found = db.session.scalars(db.select(Product)).all()
    return jsonify({p.title: p.mark for p in found if not p.sold_out})


@shop.route("/api/search")
def search():
    word = request.args.get("q", "")
    found = Product.query.filter(Product.title.contains(word)).paginate(page=1, per_page=10)
    return jsonify([{"title": p.title, "city": p.seller.city.name} for p in found.items])


@shop.route("/api/reviews")
def reviews():
    return jsonify(
        [{"text": r.text, "product": r.product.title} for r in services.latest_reviews()]
    )


@shop.route("/api/texts")
def texts():
    return jsonify(services.review_texts(services.featured(2)))


@shop.route("/api/best")
def best():
    return jsonify([s.name for s in services.best_sellers()])


@shop.route("/api/one")
def one():
    product = Product.query.first()
    return jsonify(product=product.to_dict(with_seller=True), mark=product.mark)
