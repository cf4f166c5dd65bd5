FIND_BY_TAGS = """
    SELECT d.id, d.title
    FROM documents d
    JOIN document_tags t ON t.document_id = d.id
    WHERE t.tag IN ({tags})
    GROUP BY d.id, d.title
    HAVING count(*) = {count}
"""


def quote_list(values):
    return ", ".join(f"'{value}'" for value in values)  # BAD


def find_by_tags(tags):
    return FIND_BY_TAGS.format(tags=quote_list(tags), count=len(tags))  # BAD
