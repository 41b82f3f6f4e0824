# Reads the tables with their types when the package is installed; each then loads when it is first used.
values <- list.files(pattern = "[.]values$")
folder <- tempfile()
dir.create(folder)
file.copy(values, file.path(folder, sub("values$", "csv", values)))
source("load.script", local = TRUE)
list2env(read_luminaldb(folder), environment())
unlink(folder, recursive = TRUE)
rm(values, folder, read_luminaldb)
