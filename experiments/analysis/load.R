# load.R - an exported sweep in base R: bandwidth by buffer size, with intervals
#
#   Rscript experiments/analysis/load.R results/quickstart-1 bandwidth.pdf
#
# or, in a session, source() this file and call load_sweep("results/quickstart-1").
#
# Base R reads no JSON, so the types that datapackage.json tells are written down here for the
# tables that this file uses. With the package jsonlite they could be taken from there.

classes <- c(
  ipc = "character", mode = "character", state = "character", reason = "character",
  signal = "character", host = "character", program = "character", machine = "character",
  tracer = "character", n_counts = "character", precision = "character",
  started_at = "character", started_at_utc = "character"
)
flags <- c(
  "socket_buffers", "warmup", "warmup_iteration", "traced", "bare", "untraced", "interval_nominal"
)

# A table of an exported sweep. Bytes are numeric: R's integers end at 2^31. An empty field is NA.
read_table <- function(folder, name) {
  file <- file.path(folder, paste0(name, ".csv"))
  header <- names(read.csv(file, nrows = 1, check.names = FALSE))
  types <- ifelse(header %in% names(classes), classes[header], "numeric")
  # read.csv knows TRUE and true, but not as a class that is asked for in every version.
  types[header %in% flags] <- "character"
  table <- read.csv(file, colClasses = unname(types), na.strings = "", check.names = FALSE)
  for (flag in intersect(flags, header)) table[[flag]] <- table[[flag]] == "true"
  table
}

load_sweep <- function(folder) {
  tables <- c("summary", "runs", "samples")
  setNames(lapply(tables, function(name) read_table(folder, name)), tables)
}

# One line for each host, channel, program and total, over the buffer sizes.
draw_bandwidth <- function(summary) {
  known <- summary[!is.na(summary$bandwidth_median_bytes_per_s), ]
  if (nrow(known) == 0) stop("no cell has a bandwidth")
  mib <- 1024^2
  line <- paste0(known$ipc, " ", known$mode, ifelse(known$socket_buffers, " -s", ""),
    ifelse(is.na(known$program), "", paste0(" by ", known$program)), ", ", known$total_bytes / mib, " MiB")
  if (length(unique(known$host)) > 1) line <- paste0(known$host, ": ", line)
  low <- known$bandwidth_ci_low_bytes_per_s / mib
  high <- known$bandwidth_ci_high_bytes_per_s / mib
  median <- known$bandwidth_median_bytes_per_s / mib
  sizes <- sort(unique(known$buffer_bytes))
  plot(range(sizes), c(0, max(median, high, na.rm = TRUE)), type = "n", log = "x", xaxt = "n",
    xlab = "", ylab = "Bandwidth (MiB/s)")
  axis(1, at = sizes, labels = format(sizes, scientific = FALSE, trim = TRUE), las = 2)
  title(xlab = "Buffer (bytes)", line = 5)
  lines <- unique(line)
  for (at in seq_along(lines)) {
    own <- which(line == lines[at])
    own <- own[order(known$buffer_bytes[own])]
    lines(known$buffer_bytes[own], median[own], type = "b", pch = at, lty = at)
    # A cell of few runs has no interval.
    segments(known$buffer_bytes[own], low[own], known$buffer_bytes[own], high[own])
  }
  legend("topleft", legend = lines, pch = seq_along(lines), lty = seq_along(lines), bty = "n")
}

if (sys.nframe() == 0L) {
  words <- commandArgs(trailingOnly = TRUE)
  if (length(words) != 2) stop("usage: Rscript load.R FOLDER FILE.pdf")
  sweep <- load_sweep(words[1])
  columns <- c("ipc", "mode", "buffer_bytes", "total_bytes", "n")
  shown <- sweep$summary[columns]
  shown$mib_per_s <- round(sweep$summary$bandwidth_median_bytes_per_s / 1024^2, 1)
  print(shown, row.names = FALSE)
  pdf(words[2], width = 7, height = 4.5)
  par(mar = c(6.5, 4, 1, 1))
  draw_bandwidth(sweep$summary)
  invisible(dev.off())
}
