// Go, mattn/go-sqlite3: a driver of one's own name loads the extension into every pooled connection.
package main

import (
	"bufio"
	"database/sql"
	"fmt"
	"os"
	"strconv"
	"strings"

	sqlite3 "github.com/mattn/go-sqlite3"
)

func init() {
	sql.Register("sqlite3_jarvis", &sqlite3.SQLiteDriver{Extensions: []string{"./libjarvis_stats"}})
}

func connect() *sql.DB {
	db, err := sql.Open("sqlite3_jarvis", "telemetry.db")
	if err != nil {
		panic(err)
	}
	return db
}

func bind(field string) any {
	switch value := field[2:]; field[0] {
	case 'i':
		n, _ := strconv.ParseInt(value, 10, 64)
		return n
	case 'f':
		x, _ := strconv.ParseFloat(value, 64)
		return x
	case 't':
		return value
	default:
		return nil
	}
}

func ask(db *sql.DB, query string, fields []string) error {
	var values []any
	for _, field := range fields {
		values = append(values, bind(field))
	}
	rows, err := db.Query(query, values...)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	row, cells := make([]any, len(columns)), make([]any, len(columns))
	for n := range row {
		cells[n] = &row[n]
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		var shown []string
		for _, value := range row {
			if value == nil {
				value = "NULL"
			}
			shown = append(shown, fmt.Sprint(value))
		}
		fmt.Println(strings.Join(shown, "|"))
	}
	return rows.Err()
}

func main() {
	file, err := os.Open("conversation.txt")
	if err != nil {
		panic(err)
	}
	db := connect()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		step := strings.Split(lines.Text(), "\t")
		fmt.Println("== " + step[0])
		if step[0] == "reopen" {
			db.Close()
			db = connect()
		} else if err := ask(db, step[1], step[2:]); err != nil {
			fmt.Println("error:", err)
		}
	}
	db.Close()
}
