"""The views: everything shown is derived from the log and can be thrown away. None is built yet."""
