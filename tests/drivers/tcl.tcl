# Tcl's sqlite3 package. Values are Tcl variables named in the SQL; a string is bound as TEXT.
package require sqlite3
fconfigure stdout -encoding utf-8

proc connect {} {
    sqlite3 db telemetry.db
    db nullvalue NULL
    db enable_load_extension 1
    db eval {SELECT load_extension('./libjarvis_stats')}
}

connect
set conversation [open conversation.txt]
fconfigure $conversation -encoding utf-8
while {[gets $conversation line] >= 0} {
    if {[string match #* $line]} continue
    set values [lassign [split $line \t] label sql]
    puts "== $label"
    if {$label eq "reopen"} { db close; connect; continue }
    set n 0
    foreach value $values {
        incr n
        if {$value eq "n:"} { set name NULL } else { set p$n [string range $value 2 end]; set name \$p$n }
        regsub {\?} $sql $name sql
    }
    if {[catch {
        db eval $sql row { puts [join [lmap column $row(*) { set row($column) }] |] }
    } message]} { puts "error: $message" }
    unset -nocomplain row
}
db close
