"""The working: terms that the maths returned become steps. No array library is loaded here, so nothing can be computed again."""
