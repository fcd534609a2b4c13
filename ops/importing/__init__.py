"""Taking in what other systems recorded: event logs as CSV or XES, through the door like everybody else."""
