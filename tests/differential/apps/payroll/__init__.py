"""Staff and wages: inheritance, hybrids, proxies, composite objects."""
