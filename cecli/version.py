"""The version, where nothing else need be loaded to know it."""

VERSION = "0.1.0"
