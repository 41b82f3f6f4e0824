# Fit networks of metadat with netmeta: `Rscript netmeta_parity.R FOLDER` writes contrasts and netmeta's numbers there.
suppressMessages({library(metadat); library(netmeta)})
out <- commandArgs(TRUE)[1]
arms <- list(
  hasselblad = with(dat.hasselblad1998, data.frame(study, trt, x = xi, n = ni)),
  dong = with(dat.dong2013, data.frame(study = id, trt = treatment, x = death, n = randomized)),
  pagliaro = with(dat.pagliaro1992, data.frame(study = study, trt, x = xi, n = ni)),
  dogliotti = with(dat.dogliotti2014, data.frame(study = id, trt = treatment, x = stroke, n = total)),
  gurusamy = with(dat.gurusamy2011, data.frame(study = study, trt = treatment, x = death, n = n)),
  woods = with(dat.woods2010, data.frame(study = author, trt = treatment, x = r, n = N)),
  baker = with(dat.baker2009, data.frame(study = id, trt = treatment, x = exac, n = total)),
  senn = with(dat.senn2013, data.frame(study, trt = treatment, y = mi, v = sdi^2 / ni)))
prepare <- function(d) {
  d$trt <- gsub("[^A-Za-z0-9]", "_", d$trt)
  d$study <- as.character(d$study)
  if (is.null(d$y)) {
    zero <- ave(d$x == 0 | d$x == d$n, d$study, FUN = any)
    d$x <- d$x + zero / 2
    d$n <- d$n + zero
    d$y <- log(d$x / (d$n - d$x))
    d$v <- 1 / d$x + 1 / (d$n - d$x)
  }
  d <- d[!duplicated(d[c("study", "trt")]), ]
  d[ave(d$v, d$study, FUN = length) > 1, ]
}
numbers <- data.frame()
for (name in names(arms)) {
  d <- prepare(arms[[name]])
  pairs <- do.call(rbind, lapply(split(d, d$study), function(a) {
    p <- combn(nrow(a), 2)
    data.frame(study = a$study[1], treatment = a$trt[p[2, ]], control = a$trt[p[1, ]],
               estimate = a$y[p[2, ]] - a$y[p[1, ]], standard_error = sqrt(a$v[p[2, ]] + a$v[p[1, ]]))
  }))
  if (netconnection(treatment, control, study, data = pairs)$n.subnets > 1) next
  write.csv(pairs, file.path(out, paste0(name, ".csv")), row.names = FALSE)
  reference <- names(sort(-table(d$trt)))[1]
  fit <- netmeta(estimate, standard_error, treatment, control, study, data = pairs, sm = "MD",
                 reference.group = reference, small.values = "desirable", tol.multiarm = 1e-6, tol.multiarm.se = 1e-6)
  add <- function(model, what, node, value) numbers <<- rbind(numbers, data.frame(
    network = name, reference = reference, model = model, what = what, node = node, value = sprintf("%.15g", value)))
  add("dl", "tau", "", fit$tau)
  add("dl", "q", "", fit$Q)
  scores <- netrank(fit, method = "P-score")
  for (node in fit$trts) {
    add("fixed", "p_score", node, scores$ranking.common[[node]])
    add("dl", "p_score", node, scores$ranking.random[[node]])
    if (node == reference) next
    add("fixed", "estimate", node, fit$TE.common[node, reference])
    add("fixed", "standard_error", node, fit$seTE.common[node, reference])
    add("dl", "estimate", node, fit$TE.random[node, reference])
    add("dl", "standard_error", node, fit$seTE.random[node, reference])
  }
  parts <- decomp.design(fit)
  add("dl", "q", "within designs", parts$Q.decomp["Within designs", "Q"])
  add("dl", "q", "between designs", parts$Q.decomp["Between designs", "Q"])
  add("dl", "q", "between designs, random effects", parts$Q.inc.random$Q)
}
write.csv(numbers, file.path(out, "numbers.csv"), row.names = FALSE)
