"""见证 the witness: a small program with a disk and a key of its own, kept by somebody else than the county.

It remembers the largest tree of a log that it has seen and cosigns only what that tree has grown into. It needs
Python and `cryptography`: no database, no web framework, nothing of the county but `domain.proof`.
Source: C2SP tlog-witness and tlog-cosignature.
"""
