"""Released versions of the data: their index, the cache on this machine, and the download."""
