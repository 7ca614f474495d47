"""What is indexed and how it is found: vectors, full text, and both fused. Stands on `ingest`."""
