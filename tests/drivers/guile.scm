;; GNU Guile, guile-sqlite3.
(use-modules (sqlite3) (ice-9 rdelim) (srfi srfi-1) (system foreign))
(set-port-encoding! (current-output-port) "UTF-8")

(define (connect)
  (let ((db (sqlite-open "telemetry.db")))
    (sqlite-enable-load-extension db 1)
    (sqlite-map identity (sqlite-prepare db "SELECT load_extension('./libjarvis_stats')"))
    db))

(define (bind field)
  (let ((value (substring field 2)))
    (case (string-ref field 0)
      ((#\i) (string->number value))
      ((#\f) (exact->inexact (string->number value)))
      ((#\t) value)
      (else #f))))

(define (show value)
  (if value (format #f "~a" value) "NULL"))

(define (ask db sql values)
  (let ((statement (sqlite-prepare db sql)))
    (for-each (lambda (n value) (sqlite-bind statement n value)) (iota (length values) 1) values)
    (for-each (lambda (row) (display (string-join (map show (vector->list row)) "|")) (newline))
              (sqlite-fold-right cons '() statement))
    (sqlite-finalize statement)))

(define file (open-input-file "conversation.txt" #:encoding "UTF-8"))
(let loop ((db (connect)) (line (read-line file)))
  (cond ((eof-object? line) (sqlite-close db))
        ((string-prefix? "#" line) (loop db (read-line file)))
        (else
         (let* ((step (string-split line #\tab)) (label (car step)))
           (format #t "== ~a~%" label)
           (if (string=? label "reopen")
               (begin (sqlite-close db) (loop (connect) (read-line file)))
               (begin
                 (catch 'sqlite-error
                   (lambda () (ask db (cadr step) (map bind (cddr step))))
                   (lambda (key who code message) (format #t "error: ~a~%" message)))
                 (loop db (read-line file))))))))
