# One row per comparison, as netmeta(TE, seTE, treat1, treat2, studlab) and metafor's contrasts read them.
network_contrasts <- function(results) {
  needed <- c("trial_id", "arm_therapies", "control_arm_therapies", "measure", "log_estimate", "standard_error")
  missing <- setdiff(needed, names(results))
  if (length(missing)) stop("results need the columns ", paste(missing, collapse = ", "), ", as trial_results has them")
  regimen <- function(therapies) vapply(strsplit(therapies, "; ", fixed = TRUE), function(parts) {
    parts <- sort(setdiff(na.omit(parts), c("placebo", "observation")))
    if (length(parts)) paste(parts, collapse = " + ") else "control"
  }, "")
  frame <- data.frame(
    studlab = results$trial_id, treat1 = regimen(results$arm_therapies), treat2 = regimen(results$control_arm_therapies),
    TE = ifelse(results$measure == "risk_difference", results$estimate, results$log_estimate),
    seTE = results$standard_error, stringsAsFactors = FALSE
  )
  frame[!is.na(frame$TE) & !is.na(frame$seTE) & frame$treat1 != frame$treat2, ]
}
