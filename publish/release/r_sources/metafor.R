# Progression-free survival with a CDK4/6 inhibitor added to endocrine therapy, pooled with metafor.
library(luminaldb)
library(metafor)

# Hazard ratios of all randomised patients.
inhibitors <- therapies$therapy_id[therapies$class_id == "cdk4-6-inhibitor"]
has_inhibitor <- function(arm) vapply(strsplit(arm, "; ", fixed = TRUE), function(t) any(t %in% inhibitors), FALSE)
pfs <- subset(
  trial_results_latest,
  endpoint_id == "pfs" & measure == "hazard_ratio" & population_analysis_set == "itt" & trial_line == "first" &
    is.na(period) & !is.na(standard_error) & has_inhibitor(arm_therapies) & !has_inhibitor(control_arm_therapies)
)
# Of a trial with several, the central review comes first, then the comparison of most patients; never the smallest error.
review <- match(pfs$assessor, c("independent_central", NA, "investigator"))
pfs <- pfs[order(pfs$trial_id, review, -(pfs$n_experimental + pfs$n_control)), ]
pfs <- pfs[!duplicated(pfs$trial_id), ]

fit <- rma(log_estimate, sei = standard_error, data = pfs, slab = paste(acronym, source), test = "adhoc")
print(fit)
print(predict(fit, transf = exp))
