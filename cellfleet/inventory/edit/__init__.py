"""Edits of an inventory that change the lines concerned and no other.

A round trip through a parser would write the whole file anew: quotes, the flow of mappings, comments and blank lines
would change where nobody asked for it, and reviewers would have to read it all. So what is to change is found by its
position (`tree`), replaced as text (`values`, `cells`, `tombstones`), and the result is loaded again and compared with
the fleet that was meant (`draft`). An edit whose result is another fleet is a bug, and is never written.

`draft.Draft` is the way in. What a cell that is like another takes over from it is decided by `like`, which id and
range it gets by `free`.
"""
