"""`python -m ops.witness`."""

from ops.witness.words import main

main()
