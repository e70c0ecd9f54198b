"""Arrays in, arrays out: the formulas, each in exactly one place.

Nothing here reads, prints, checks or knows a device. Classes are the last axis. Every function takes
arrays of any array API namespace and returns arrays of the same one.
"""
