"""A tensor's values as the core holds them: blocks of work, rows of groups, the sorted distribution, tallies."""
