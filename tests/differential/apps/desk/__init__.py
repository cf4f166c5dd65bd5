"""A desktop program: every repository method opens a session of its own and hands objects out."""
