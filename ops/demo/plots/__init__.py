"""How cases go: each module tells a stretch of a case's life, in the words of the domain's commands."""
