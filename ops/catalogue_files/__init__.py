"""A county's catalogue in files: YAML, and CSV for days and items; `jiandu load-catalogue` records what they say."""

from ops.catalogue_files.broken import Broken, FilesBroken
from ops.catalogue_files.loading import LOADER, LoadReport, Refused, load
from ops.catalogue_files.reading import County, read

__all__ = ["LOADER", "Broken", "County", "FilesBroken", "LoadReport", "Refused", "load", "read"]
