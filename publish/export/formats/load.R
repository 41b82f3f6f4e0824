# Reads every table of luminaldb with its column types. Base R alone, nothing to install, nothing fetched.
#
#   source("load.R")
#   luminaldb <- read_luminaldb()
#   str(luminaldb$effects)
#
# Text stays text (identifiers keep their zeros), allowed values are factors with their levels, true and false are
# logical, dates are Date, an empty cell is NA. columns.csv says what each column holds.

read_luminaldb <- function(folder = ".") {
  columns <- read.csv(
    file.path(folder, "columns.csv"), colClasses = "character", na.strings = "", encoding = "UTF-8"
  )
  read_table <- function(table) {
    own <- columns[columns$table == table, ]
    frame <- read.csv(
      file.path(folder, paste0(table, ".csv")),
      colClasses = setNames(ifelse(own$class == "factor", "character", own$class), own$column),
      na.strings = "", encoding = "UTF-8", check.names = FALSE
    )
    for (row in which(own$class == "factor")) {
      levels <- strsplit(own$levels[row], "|", fixed = TRUE)[[1]]
      frame[[own$column[row]]] <- factor(frame[[own$column[row]]], levels = levels)
    }
    frame
  }
  tables <- unique(columns$table)
  setNames(lapply(tables, read_table), tables)
}
