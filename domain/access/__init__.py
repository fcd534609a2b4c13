"""Who may do what 权限: principals, the permission table, accounts, keys, and what is recorded of their use."""
