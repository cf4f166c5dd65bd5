"""How many receivers of database calls are known: measured on code bases, drawn as samples."""
