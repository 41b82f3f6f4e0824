# A network of first-line trials in HER2-negative disease, with netmeta where it is installed, else with metafor.
library(luminaldb)

pfs <- subset(
  trial_results_latest,
  endpoint_id == "pfs" & measure == "hazard_ratio" & population_analysis_set == "itt" & trial_line == "first" &
    trial_her2_status == "negative" & is.na(period) & !(randomised %in% FALSE) & !is.na(standard_error)
)
# One comparison of each trial: by central review where there is one, then that of most patients.
review <- match(pfs$assessor, c("independent_central", NA, "investigator"))
pfs <- pfs[order(pfs$trial_id, review, -(pfs$n_experimental + pfs$n_control)), ]
contrasts <- network_contrasts(pfs[!duplicated(pfs$trial_id), ])

# Only what trials connect with letrozole can be compared with it.
connected <- "letrozole"
repeat {
  touching <- contrasts$treat1 %in% connected | contrasts$treat2 %in% connected
  more <- union(connected, c(contrasts$treat1[touching], contrasts$treat2[touching]))
  if (length(more) == length(connected)) break
  connected <- more
}
contrasts <- contrasts[contrasts$treat1 %in% connected, ]

if (requireNamespace("netmeta", quietly = TRUE)) {
  fit <- netmeta::netmeta(TE, seTE, treat1, treat2, studlab, data = contrasts, sm = "HR", reference.group = "letrozole")
  print(fit)
} else {
  library(metafor)
  nodes <- setdiff(sort(connected), "letrozole")
  x <- outer(contrasts$treat1, nodes, "==") - outer(contrasts$treat2, nodes, "==")
  colnames(x) <- nodes
  fit <- rma.mv(TE, seTE^2, mods = x, intercept = FALSE, random = ~ 1 | studlab, data = contrasts)
  print(fit)
}
