"""The page and the API. Stands on `answer`, `index` and `ingest`; the one home of Gradio."""
