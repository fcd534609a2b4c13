"""证据包 Evidence bundles: one case with everything that proves it, and the file that checks it where Jiandu is unknown."""
