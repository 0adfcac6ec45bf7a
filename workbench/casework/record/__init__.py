"""What keeps the record layer trustworthy: keys, checkpoints, anchors outside, the check of a case, and merging two copies."""
