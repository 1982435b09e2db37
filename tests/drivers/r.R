# R, DBI with RSQLite (its option loadable.extensions is on by default).
library(DBI)

connect <- function() {
  db <- dbConnect(RSQLite::SQLite(), "telemetry.db")
  dbGetQuery(db, "SELECT load_extension('./libjarvis_stats')")
  db
}

kinds <- list(i = as.integer, f = as.numeric, t = as.character, n = function(value) NA)
bind <- function(field) kinds[[substr(field, 1, 1)]](substring(field, 3))

db <- connect()
for (line in readLines("conversation.txt", encoding = "UTF-8")) {
  if (startsWith(line, "#")) next
  step <- strsplit(line, "\t", fixed = TRUE)[[1]]
  cat("==", step[1], "\n", sep = c(" ", ""))
  if (step[1] == "reopen") {
    dbDisconnect(db)
    db <- connect()
    next
  }
  tryCatch({
    values <- lapply(step[-(1:2)], bind)
    rows <- dbGetQuery(db, step[2], params = if (length(values)) unname(values))
    for (n in seq_len(nrow(rows))) {
      shown <- vapply(rows[n, , drop = FALSE], function(value) if (is.na(value)) "NULL" else format(value, digits = 15, trim = TRUE), "")
      cat(paste(shown, collapse = "|"), "\n", sep = "")
    }
  }, error = function(e) cat("error: ", conditionMessage(e), "\n", sep = ""))
}
dbDisconnect(db)
