"""The same answers found another way: DESIGN's mathematics written again from the raw cells, solved by GLPK.

Nothing of the programme is imported here. Rows and names are plain dictionaries; there is no pruning of what nothing
can reach, no block structure and no array: where both agree, neither has dropped, doubled or scaled a term.
"""
