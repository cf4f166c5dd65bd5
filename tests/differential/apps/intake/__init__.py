"""An import of files: batches, caches, rows one by one."""
