"""What happens to an object along every path of a function."""
