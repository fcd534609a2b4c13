"""A believable county: a year of cases with all their troubles, the same for the same seed."""
