from sqlalchemy import text

ENABLE_WAL = "PRAGMA journal_mode = WAL"
FOREIGN_KEYS = "PRAGMA foreign_keys = ON"
PAGE_COUNT = "PRAGMA page_count"

OVERDUE = text(
    """
    SELECT l.reader, b.title
    FROM loans AS l
    JOIN books AS b ON b.id = l.book_id
    WHERE l.due_on < :today AND l.returned_on IS NULL
    ORDER BY l.reader, b.title
    """
)
