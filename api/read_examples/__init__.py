"""Examples of what reads answer, one file each; `api.reading.answers` puts them on the OpenAPI page."""
