from ledger import bank
from ledger.models import Account, Base, Entry

BASE = Base
VERSIONS = ("1.4", "2.0", "2.1")
ASYNC_ENGINES = (bank.engine,)


def fill(session):
    for i in range(1, 4):
        account = Account(owner=f"o{i}", balance=i)
        account.entries = [Entry(amount=1), Entry(amount=2)]
        session.add(account)


STEPS = [
    lambda: bank.open_account("a"),
    lambda: bank.open_account_flushed("a"),
    lambda: bank.open_account_refreshed("a"),
    lambda: bank.open_account_begin("a"),
    lambda: bank.open_account_unit("a"),
    lambda: bank.deposit(1, 2),
    lambda: bank.deposit_told(1, 2),
    lambda: bank.opened_after_flush("a"),
    lambda: bank.touched_after_flush(1),
    lambda: bank.doubled_after_commit(1),
    lambda: bank.doubled_read_only(1),
    lambda: bank.touched_after_refresh(1),
    lambda: bank.owner_after_change(1),
    lambda: bank.statement(1),
    lambda: bank.statement_lazy(1),
    lambda: bank.statement_after_commit(1),
    lambda: bank.transfer(1, 2, 1),
    lambda: bank.transfer_told(1, 2, 1),
    lambda: bank.import_account({"id": 1, "owner": "m"}),
    lambda: bank.import_account_kept({"id": 1, "owner": "n"}),
    bank.all_owners,
    lambda: bank.rolled_back(1),
    lambda: bank.expired(1),
    lambda: bank.in_sync(1),
]
