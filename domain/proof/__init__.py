"""The mathematics of tamper evidence: leaves, trees, proofs and signed checkpoints. No I/O, no clock, no randomness."""
