# Pools the data sets of metafor_parity.py with metafor and prints a line per data set, method and number.
suppressMessages(library(metafor))
folder <- commandArgs(TRUE)[1]
# The strictest threshold at which the Fisher scoring converges: a variance of thousands has fewer decimals.
reml <- function(one, test) {
  for (threshold in 10^-(15:9)) {
    f <- try(rma(one$y, sei = one$s, method = "REML", test = test,
                 control = list(threshold = threshold, maxiter = 1000)), silent = TRUE)
    if (!inherits(f, "try-error")) return(f)
  }
  stop("REML does not converge")
}
profile <- list(tau2.max = 1e8, tol = 1e-15, maxiter = 100000)
show <- function(case, method, ...) {
  values <- c(...)
  names(values) <- sub("[.]intrcpt$", "", names(values))
  cat(sprintf("%s\t%s\t%s\t%.17g\n", case, method, names(values), values), sep = "")
}
fit <- function(case, method, f, random) {
  show(case, method, mean = c(unname(f$beta)), se = f$se, low = f$ci.lb, high = f$ci.ub, p = f$pval, tau2 = f$tau2, i2 = f$I2,
       q = f$QE, q_p = f$QEp)
  if (random) {
    p <- predict(f)
    show(case, method, prediction_low = p$pi.lb, prediction_high = p$pi.ub)
  }
}
d <- read.csv(file.path(folder, "estimates.csv"))
for (id in unique(d$case)) {
  one <- d[d$case == id, ]
  for (test in c("adhoc", "knha", "z")) {
    fit(id, paste0("reml ", test), reml(one, test), TRUE)
    fit(id, paste0("dl ", test), rma(one$y, sei = one$s, method = "DL", test = test), TRUE)
  }
  fit(id, "fixed z", rma(one$y, sei = one$s, method = "FE"), FALSE)
  ci <- suppressWarnings(confint(rma(one$y, sei = one$s, method = "DL"), control = profile))$random
  show(id, "dl z", tau2_low = ci["tau^2", "ci.lb"], tau2_high = ci["tau^2", "ci.ub"],
       i2_low = ci["I^2(%)", "ci.lb"], i2_high = ci["I^2(%)", "ci.ub"])
}
d <- read.csv(file.path(folder, "counts.csv"))
for (id in unique(d$case)) {
  one <- d[d$case == id, ]
  for (measure in c("OR", "RR", "RD")) {
    cells <- list(measure = measure, ai = one$a, n1i = one$n1, ci = one$c, n2i = one$n2)
    es <- do.call(escalc, cells)
    show(id, paste("escalc", measure), setNames(es$yi, paste0("y", seq_along(es$yi))),
         setNames(es$vi, paste0("v", seq_along(es$vi))))
    f <- do.call(rma.mh, cells)
    show(id, paste("mh", measure), mean = c(unname(f$beta)), se = f$se, low = f$ci.lb, high = f$ci.ub, p = f$pval, q = f$QE,
         q_p = f$QEp, i2 = f$I2)
  }
  f <- rma.peto(ai = one$a, n1i = one$n1, ci = one$c, n2i = one$n2)
  show(id, "peto OR", mean = c(unname(f$beta)), se = f$se, low = f$ci.lb, high = f$ci.ub, p = f$pval, q = f$QE, q_p = f$QEp,
       i2 = f$I2)
}
