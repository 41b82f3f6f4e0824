"""Table Schema to pandera; keys within and across packages; consistency rules; issues."""
