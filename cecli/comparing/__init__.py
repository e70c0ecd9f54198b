"""Models side by side: their metrics, their pairs, and the verdict."""
