"""The derived layer of a case held against one that was made anew from its evidence: whole tables, every column of them."""
