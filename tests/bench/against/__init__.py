"""Ararat beside the tools that people would otherwise use, on the same hosts with the same work."""
