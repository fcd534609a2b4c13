"""The vault 个人信息库, pure: how a person's data is sealed, committed to, found again and shown. Bytes in, bytes out."""
