"""Songs heard on many machines at once: workers of a Ray cluster hear, and one writer here keeps.

The only room that knows Ray.
"""
