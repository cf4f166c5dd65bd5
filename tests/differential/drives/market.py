from market import create_app, services
from market.models import City, Order, OrderLine, Product, Review, Seller, db

BASE = db.Model
VERSIONS = ("2.0-web",)
app = create_app()


def fill(session):
    with app.app_context():
        db.create_all()
        for i in range(3):
            seller = Seller(name=f"s{i}", city=City(name=f"c{i}"))
            for k in range(2):
                product = Product(title=f"t{i}{k}", price=k, stock=5, seller=seller)
                product.reviews = [Review(mark=4, text="x"), Review(mark=5, text="y")]
                db.session.add(product)
            order = Order(lines=[OrderLine(product=p) for p in seller.products])
            db.session.add(order)
        db.session.commit()


def request(method, url):
    def step():
        with app.test_client() as client:
            app.testing = True
            assert client.open(url, method=method).status_code == 200

    return step


def within(function, *args):
    def step():
        with app.app_context():
            function(*args)

    return step


PAGES = ("/", "/loaded", "/sellers", "/grouped", "/seller/1", "/orders", "/orders/loaded")
ANSWERS = ("products", "products/sellers", "places", "marks", "search?q=t", "reviews", "texts")

STEPS = [
    *[request("GET", page) for page in PAGES],
    *[request("GET", f"/api/{answer}") for answer in (*ANSWERS, "best", "one")],
    within(services.revenue),
    within(services.revenue_loaded),
    within(services.restock, {1: 2, 2: 3, 3: 4}),
    within(services.has_bad_reviews),
    within(services.sellers_by_name),
    request("POST", "/order/1/ship"),
]
