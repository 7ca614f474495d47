"""Questions in, cited answers out. Stands on `index` and `ingest`."""
