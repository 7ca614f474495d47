"""Articles: bytes in, Article and Passage out, with exact offsets. Imports no other package."""
