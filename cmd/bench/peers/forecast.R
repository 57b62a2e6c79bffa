# Forecasts of other packages: Rscript forecast.R TRAIN TEST OUT METHOD M M2
# Writes series,step,mean,lo80,hi80,lo95,hi95,seconds (CPU seconds a series).
suppressMessages(library(forecast))
a <- commandArgs(TRUE)
train <- read.csv(a[1]); test <- read.csv(a[2]); method <- a[4]; m <- as.numeric(a[5]); m2 <- as.numeric(a[6])
if (grepl("prophet", method)) suppressMessages(library(prophet))
drivers <- setdiff(names(train), c("series", "time", "value", "event"))
levels <- c(80, 95)
past <- split(train, train$series); future <- split(test, test$series)

columns <- function(g) {
  x <- as.matrix(g[, drivers, drop = FALSE])
  for (d in drivers) if (all(train[[d]] > 0)) x[, d] <- log(x[, d])
  x
}
events <- function(g) {
  if (!("event" %in% names(train))) return(NULL)
  all <- rbind(g, test[test$series == g$series[1], ])
  rows <- all[!is.na(all$event) & all$event != "", ]
  if (nrow(rows) == 0) return(NULL)
  each <- strsplit(as.character(rows$event), "|", fixed = TRUE)
  data.frame(ds = rep(as.Date(rows$time), lengths(each)), holiday = unlist(each), lower_window = -1, upper_window = 1)
}
byProphet <- function(g, z, log, mode, withEvents, drive) {
  fun <- if (log) function(v) base::log(pmax(v, 1)) else identity
  back <- if (log) exp else identity
  x <- columns(g); xz <- columns(z)
  keep <- if (drive) drivers[apply(x, 2, function(c) length(unique(c)) > 1)] else character(0)
  bands <- list()
  when <- if (nchar(as.character(g$time[1])) > 10) as.POSIXct(g$time, tz = "UTC") else as.Date(g$time)
  ahead <- if (nchar(as.character(g$time[1])) > 10) as.POSIXct(z$time, tz = "UTC") else as.Date(z$time)
  d <- data.frame(ds = when, y = fun(g$value), x[, keep, drop = FALSE])
  for (level in c(.8, .95)) {
    model <- prophet(holidays = if (withEvents) events(g) else NULL, seasonality.mode = mode, interval.width = level, uncertainty.samples = 500)
    for (k in keep) model <- add_regressor(model, k)
    model <- suppressMessages(fit.prophet(model, d))
    p <- predict(model, data.frame(ds = ahead, xz[, keep, drop = FALSE]))
    bands[[as.character(level)]] <- p
  }
  list(mean = back(p$yhat), lower = cbind(back(bands[["0.8"]]$yhat_lower), back(p$yhat_lower)), upper = cbind(back(bands[["0.8"]]$yhat_upper), back(p$yhat_upper)), fits = 2)
}
run <- function(g, z) {
  h <- nrow(z); y <- ts(g$value, frequency = m)
  switch(method,
    snaive = snaive(y, h = h, level = levels),
    ets = forecast(ets(if (m > 24) ts(g$value) else y), h = h, level = levels),
    thetaf = thetaf(y, h = h, level = levels),
    stlf = if (m2 > 0) stlf(msts(g$value, c(m, m2)), h = h, level = levels) else if (m > 1 && length(y) > 2 * m) stlf(y, h = h, level = levels) else thetaf(y, h = h, level = levels),
    arimax_log = {
      x <- columns(g); keep <- apply(x, 2, function(c) length(unique(c)) > 1)
      f <- forecast(auto.arima(log(pmax(g$value, 1)), xreg = x[, keep, drop = FALSE]), xreg = columns(z)[, keep, drop = FALSE], level = levels)
      list(mean = exp(f$mean), lower = exp(f$lower), upper = exp(f$upper))
    },
    prophet = byProphet(g, z, FALSE, "additive", FALSE, FALSE),
    prophet_multiplicative = byProphet(g, z, FALSE, "multiplicative", FALSE, FALSE),
    prophet_events = byProphet(g, z, FALSE, "multiplicative", TRUE, FALSE),
    prophet_regressors = byProphet(g, z, FALSE, "multiplicative", FALSE, TRUE),
    prophet_log = byProphet(g, z, TRUE, "additive", FALSE, TRUE))
}
set.seed(1)
out <- list()
for (id in names(past)) {
  took <- system.time(f <- tryCatch(run(past[[id]], future[[id]]), error = function(e) NULL))
  if (is.null(f)) next
  fits <- if (is.null(f$fits)) 1 else f$fits
  n <- length(f$mean)
  out[[id]] <- data.frame(series = id, step = 1:n, mean = as.numeric(f$mean), lo80 = as.numeric(f$lower[, 1]), hi80 = as.numeric(f$upper[, 1]),
    lo95 = as.numeric(f$lower[, 2]), hi95 = as.numeric(f$upper[, 2]), seconds = sum(took[1:2]) / fits)
}
write.csv(do.call(rbind, out), a[3], row.names = FALSE)
