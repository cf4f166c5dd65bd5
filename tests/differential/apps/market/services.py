from collections import defaultdict

from market.models import Order, OrderLine, Product, Review, Seller, db


def featured(limit=3):
    return Product.query.filter(Product.stock > 0).order_by(Product.price.desc()).limit(limit).all()


def by_seller():
    grouped = defaultdict(list)
    for product in Product.query.all():
        grouped[product.seller].append(product)
    return grouped


def sellers_by_name():
    return {seller.name: seller for seller in Seller.query.all()}


def seller_rows():
    return [{"seller": s, "count": len(s.products)} for s in Seller.query.order_by(Seller.name)]


def best_sellers():
    sellers = Seller.query.all()
    return sorted(sellers, key=lambda s: s.rating() or 0, reverse=True)


def open_orders():
    return db.session.execute(db.select(Order).filter_by(state="new")).scalars().all()


def open_orders_loaded():
    stmt = (
        db.select(Order)
        .filter_by(state="new")
        .options(db.selectinload(Order.lines).joinedload(OrderLine.product))
    )
    return db.session.execute(stmt).unique().scalars().all()


def revenue():
    return sum(order.total for order in open_orders())


def revenue_loaded():
    return sum(order.total for order in open_orders_loaded())


def restock(amounts):
    changed = []
    for product_id, amount in amounts.items():
        product = db.session.get(Product, product_id)
        if product is None:
            continue
        product.stock += amount
        changed.append(product)
    db.session.commit()
    return [product.title for product in changed]


def ship(order_id):
    order = db.get_or_404(Order, order_id)
    for line in order.lines:
        line.product.stock -= line.count
    order.state = "sent"
    db.session.commit()
    return order


def review_texts(products):
    texts = []
    for product in products:
        texts.extend(review.text for review in product.reviews)
    return texts


def has_bad_reviews():
    return any(r.mark < 3 for p in Product.query for r in p.reviews)


def latest_reviews():
    return Review.query.order_by(Review.id.desc()).limit(10).all()
