TOP_SELLERS = """
    SELECT b.title, sum(s.copies) AS copies
    FROM books AS b
    JOIN sales AS s ON s.book_id = b.id
    GROUP BY b.id, b.title
    ORDER BY copies DESC, b.title
    LIMIT :n
"""

UNSOLD = (
    "SELECT b.title FROM books AS b "
    "WHERE NOT EXISTS (SELECT 1 FROM sales AS s WHERE s.book_id = b.id) "
    "ORDER BY b.title"
)
