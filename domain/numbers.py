"""Identifiers that carry their own check: case numbers, division codes, identity numbers, credit codes."""
