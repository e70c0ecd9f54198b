"""Claimed answers: reading them, judging them, and finding the mistake behind a wrong one.

A claim holds or it does not (`claims`); where it does not, the answer is worked out again with each usual mistake in its way
(`table`, by `pipeline`), alone and two at a time, and what gives exactly the claimed digits is named (`diagnose`, `verdict`).
"""
