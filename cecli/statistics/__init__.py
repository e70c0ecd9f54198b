"""Mergeable sums, paired tests, intervals and scores made of sums."""
