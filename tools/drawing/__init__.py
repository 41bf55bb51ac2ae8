"""Pictures like those that people's phones take, drawn: what `make eval` measures the readers on.

Nothing here is anybody's: numbers are random, and every card and document carries the word SPECIMEN.
"""
