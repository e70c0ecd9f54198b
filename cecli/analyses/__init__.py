"""One function per command: opened sources in, a `Report` of plain values out."""
