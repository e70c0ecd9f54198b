"""What was typed or piped, as arrays: the grammar of vectors, the meaning of labels, the sources."""
