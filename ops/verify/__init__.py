"""核验 Verifying the log from its raw rows. Nothing in here is used by what writes, nor uses it."""
