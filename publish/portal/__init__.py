"""The portal: a static site of every table, for people who do not program."""
