"""The Ararat lab: an estate of real hosts, described by one file, on one machine."""
