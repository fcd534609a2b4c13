"""The county's side of witnessing: asks its witnesses, keeps what they say, and tells when they are silent."""
