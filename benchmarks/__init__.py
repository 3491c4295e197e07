"""Figures that a timed test must not assert: ratios and medians, the floor beside ours in the same run."""
